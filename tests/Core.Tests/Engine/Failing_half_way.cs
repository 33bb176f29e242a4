using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Engine;

public sealed class Failing_half_way
{
    [Fact]
    public void A_redelivered_event_is_accepted_once_and_answered_again() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var client = await world.JoinAsync("Hugo");
                    const string change = """
                        {"command":"project_change","data":{"project":1,"revisions":[{"revision":"local-1","changes":{"tasks":{"updated":[{"id":1,"name":"x"}]}}}]}}
                        """;
                    Assert.IsType<EventReply.Done>(await client.DeliverAsync(7, change));
                    Assert.IsType<EventReply.Done>(await client.DeliverAsync(7, change));
                    client.Instance = 1;
                    Assert.IsType<EventReply.Done>(await client.DeliverAsync(7, change));

                    Assert.Equal([1], client.Numbers);
                },
                instances: 2
            )
        );

    [Fact]
    public void The_same_event_twice_at_once_is_accepted_once() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var client = await world.JoinAsync("Hugo");
                    const string change = """
                        {"command":"project_change","data":{"project":1,"revisions":[{"revision":"local-1","changes":{}}]}}
                        """;
                    var first = client.DeliverAsync(7, change);
                    var second = client.DeliverAsync(7, change);
                    client.Instance = 1;
                    var third = client.DeliverAsync(7, change);

                    Assert.All(await Task.WhenAll(first, second, third), static reply => Assert.IsType<EventReply.Done>(reply));
                    Assert.Equal([1], client.Numbers);
                },
                instances: 2
            )
        );

    [Theory]
    [InlineData(StoreFault.LostAnswer)]
    [InlineData(StoreFault.LostRequest)]
    [InlineData(StoreFault.Refused)]
    internal void A_transaction_without_a_good_answer_leaves_exactly_one_revision_in_the_end(StoreFault fault) =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var client = await world.JoinAsync("Hugo");
                    var other = await world.JoinAsync("Ines");
                    var faults = new Queue<StoreFault>([fault]);
                    world.Store.BeforeSubmit = actions =>
                        Task.FromResult(
                            actions.Any(static action => action.RowKey.StartsWith("c-", StringComparison.Ordinal))
                            && faults.TryDequeue(out var next)
                                ? next
                                : (StoreFault?)null
                        );
                    const string change = """
                        {"command":"project_change","data":{"project":1,"revisions":[{"revision":"local-1","changes":{"tasks":{"updated":[{"id":1,"name":"x"}]}}}]}}
                        """;
                    if (await client.DeliverAsync(7, change) is EventReply.Unavailable)
                    {
                        Assert.IsType<EventReply.Done>(await client.DeliverAsync(7, change));
                    }

                    await other.RenameAsync(3, "y");

                    Assert.Equal([1, 2], client.Numbers);
                    Assert.Equal([1, 2], other.Numbers);
                    Assert.Empty(faults);
                }
            )
        );

    [Fact]
    public void While_storage_is_down_the_sender_is_told_and_nobody_sees_anything() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var client = await world.JoinAsync("Hugo");
                    var other = await world.JoinAsync("Ines");
                    world.Store.IsDown = true;
                    Assert.IsType<EventReply.Unavailable>(await client.RenameAsync(1, "lost"));
                    Assert.Empty(other.Numbers);
                    world.Store.IsDown = false;
                    Assert.IsType<EventReply.Done>(await client.RenameAsync(1, "kept"));

                    Assert.Equal([1], other.Numbers);
                    Assert.Equal("kept", other.Revisions[0].GetProperty("changes").GetProperty("tasks").GetProperty("updated")[0].GetProperty("name").GetString());
                }
            )
        );

    [Fact]
    public void A_frozen_publisher_is_taken_over_and_its_late_send_reaches_nobody() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var dying = await world.JoinAsync("Hugo", instance: 0);
                    var other = await world.JoinAsync("Ines", instance: 1);
                    await dying.RenameAsync(1, "warm");
                    world.GateOf(0).Hold();
                    var frozen = dying.RenameAsync(1, "by the frozen one");
                    await time.PassAsync(TimeSpan.FromMilliseconds(100));
                    Assert.Equal([1], other.Numbers);

                    Assert.IsType<EventReply.Done>(await other.RenameAsync(3, "by the other"));
                    Assert.Equal([1, 2, 3], other.Numbers);
                    Assert.Equal([1, 2, 3], dying.Numbers);
                    Assert.InRange(time.Elapsed, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(7));

                    var newcomer = await world.JoinAsync("Jo", instance: 1);
                    world.GateOf(0).Open();
                    await frozen;
                    await time.PassAsync(TimeSpan.FromSeconds(10));

                    Assert.Empty(newcomer.Numbers);
                    Assert.Equal([1, 2, 3], other.Numbers);
                },
                instances: 2
            )
        );

    [Fact]
    public void A_send_of_unknown_outcome_is_repeated_with_the_same_numbers_to_a_new_generation() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var client = await world.JoinAsync("Hugo");
                    var other = await world.JoinAsync("Ines");
                    var faults = new Queue<SendFault>([SendFault.DeliveredButFailed]);
                    world.Gateway.OnSend = (_, frame) =>
                        frame.Contains("\"revision\":1", StringComparison.Ordinal) && faults.TryDequeue(out var fault)
                            ? fault
                            : null;
                    client = new TestClient(world, world.Gateway.Open("stated"), "Jo") { ClientId = "\"jo\"" };
                    await client.LoginAsync();
                    await client.LoadAsync();
                    await client.RenameAsync(1, "x");
                    await client.RenameAsync(1, "y");

                    Assert.Equal([1, 1, 2], client.Numbers);
                    Assert.Equal([1, 1, 2], other.Numbers);
                    Assert.Empty(world.Gateway.Members(GroupName.OfProject(World.Project, 1)));
                    Assert.Equal(3, world.Gateway.Members(GroupName.OfProject(World.Project, 2)).Count);
                }
            )
        );

    [Fact]
    public void When_the_service_takes_no_sends_the_author_is_told_and_the_change_comes_later_once() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var client = await world.JoinAsync("Hugo");
                    var other = await world.JoinAsync("Ines");
                    world.Gateway.OnSend = static (_, _) => SendFault.Lost;
                    Assert.IsType<EventReply.Unavailable>(await client.RenameAsync(1, "x"));
                    world.Gateway.OnSend = static (_, _) => null;
                    await time.PassAsync(TimeSpan.FromSeconds(2));

                    Assert.Equal([1], client.Numbers);
                    Assert.Equal([1], other.Numbers);
                }
            )
        );

    [Fact]
    public void A_late_event_of_a_connection_that_is_gone_is_not_applied() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var client = await world.JoinAsync("Hugo");
                    var other = await world.JoinAsync("Ines");
                    world.Store.Latency = TimeSpan.FromSeconds(2);
                    var ahead = other.RenameAsync(3, "ahead");
                    await time.PassAsync(TimeSpan.FromMilliseconds(10));
                    var late = client.RenameAsync(1, "late");
                    await time.PassAsync(TimeSpan.FromSeconds(1.5));
                    world.Gateway.Close(client.Connection);
                    await Task.WhenAll(ahead, late);

                    Assert.Equal([1], other.Numbers);
                }
            )
        );

    [Fact]
    public void An_event_that_grows_late_while_another_is_checked_is_applied() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var ahead = await world.JoinAsync("Hugo");
                    var late = await world.JoinAsync("Ines");
                    var timely = await world.JoinAsync("Jo");
                    world.Gateway.Latency = TimeSpan.FromMilliseconds(200);
                    late.EventAge = TimeSpan.FromMilliseconds(1_500);
                    timely.EventAge = TimeSpan.FromMilliseconds(500);

                    // Both wait until the first is published, are taken together at 0.9 s, and one is checked until 1.1 s.
                    var first = ahead.RenameAsync(3, "ahead");
                    await time.PassAsync(TimeSpan.FromMilliseconds(1));
                    await Task.WhenAll(first, late.RenameAsync(1, "late"), timely.RenameAsync(2, "timely"));

                    Assert.Equal([1, 2, 3], ahead.Numbers);
                }
            )
        );

    [Fact]
    public void What_was_accepted_is_there_for_a_process_that_starts_later() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var client = await world.JoinAsync("Hugo", instance: 0);
                    for (var change = 1; change <= 1_100; change++)
                    {
                        await client.RenameAsync(1, $"name {change}");
                    }

                    await time.PassAsync(TimeSpan.FromSeconds(5));
                    var later = await world.JoinAsync("Ines", instance: 1);

                    Assert.Equal(1_100, later.LastDataset.GetProperty("revision").GetInt64());
                    Assert.Equal("name 1100", later.LastDataset.GetProperty("dataset").GetProperty("tasksData")[0].GetProperty("name").GetString());
                    var snapshots = 0;
                    await foreach (
                        var row in world.Store.QueryAsync(TableName.Data, World.Project.Key, RowRange.Prefix("s-"), null, CancellationToken.None)
                    )
                    {
                        snapshots++;
                    }

                    Assert.Equal(1, snapshots);
                },
                instances: 2
            )
        );
}
