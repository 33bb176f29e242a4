using System.Globalization;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Engine;

/// <summary>Several engines that race for the head of one project, and leave what loses in the inbox.</summary>
public sealed class Sharing_a_busy_project
{
    private const int Instances = 4;

    [Fact]
    public void Nobody_is_turned_away_and_the_inbox_is_empty_in_the_end() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var clients = await JoinAsync(world, 16);
                    var inboxRows = CountInboxRows(world);
                    await Task.WhenAll(clients.Select(client => TypeAsync(client, 15)));

                    Assert.All(clients, client => Assert.Equal(Numbers(240), client.Numbers));
                    Assert.True(inboxRows() > 0, "the race went on without the inbox");
                    await time.PassAsync(TimeSpan.FromSeconds(5));
                    Assert.Empty(await InboxAsync(world));
                },
                Instances
            )
        );

    [Fact]
    public void What_is_refused_on_the_way_through_the_inbox_reaches_its_author_with_a_fresh_dataset() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var clients = await JoinAsync(world, 12);
                    var inboxRows = CountInboxRows(world);
                    var typing = clients.Skip(4).Select(client => TypeAsync(client, 12)).ToList();
                    var refused = clients.Take(4).Select(client => client.ChangeAsync("{}", """{"tasks":{"updated":7}}""")).ToList();
                    await Task.WhenAll(typing);
                    await Task.WhenAll(refused);

                    Assert.True(inboxRows() > 0, "the race went on without the inbox");
                    foreach (var client in clients.Take(4))
                    {
                        Assert.Equal(["login", "dataset"], client.Commands.Take(2));
                        Assert.Equal(2, client.Commands.Count(static command => command == "dataset"));
                        Assert.Contains(client.Frames, static frame => frame.TryGetProperty("error", out _));
                    }

                    Assert.All(clients.Skip(4), client => Assert.Equal(Numbers(100), client.Numbers));
                },
                Instances
            )
        );

    [Fact]
    public void What_a_dead_engine_left_in_the_inbox_is_accepted_once_with_its_redelivery() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var clients = await JoinAsync(world, 8);
                    var typing = clients.Skip(1).Select(client => TypeAsync(client, 20)).ToList();
                    const string change = """
                        {"command":"project_change","data":{"project":1,"revisions":[{"revision":"local-1","changes":{"tasks":{"updated":[{"id":3,"name":"once"}]}}}]}}
                        """;
                    var first = clients[0].DeliverAsync(50, change);
                    await time.PassAsync(TimeSpan.FromMilliseconds(30));
                    clients[0].Instance = 1;
                    var again = clients[0].DeliverAsync(50, change);
                    await Task.WhenAll(typing);

                    Assert.IsType<EventReply.Done>(await first);
                    Assert.IsType<EventReply.Done>(await again);
                    Assert.Equal(Numbers(141), clients[1].Numbers);
                },
                Instances
            )
        );

    [Fact]
    public void An_event_that_was_half_accepted_by_a_dead_engine_is_healed_on_its_way_through_the_inbox() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var author = await world.JoinAsync("ann", 0);
                    var inboxRows = CountInboxRows(world);
                    const string change = """
                        {"command":"project_change","data":{"project":1,"revisions":[
                        {"revision":"local-1","changes":{"tasks":{"updated":[{"id":3,"name":"good"}]}}},
                        {"revision":"local-2","changes":{"tasks":{"updated":7}}}]}}
                        """;
                    world.GateOf(0).Hold();
                    var first = author.DeliverAsync(50, change);
                    await time.PassAsync(TimeSpan.FromSeconds(1));
                    author.Instance = 1;
                    author.EventAge = TimeSpan.FromSeconds(1);
                    Assert.IsType<EventReply.Done>(await author.DeliverAsync(50, change));

                    Assert.Equal(1, inboxRows());
                    Assert.Equal(2, author.Commands.Count(static command => command == "dataset"));
                    Assert.False(first.IsCompleted);
                    world.GateOf(0).Open();
                    await first;
                },
                instances: 2
            )
        );

    [Fact]
    public void What_could_not_be_published_for_a_while_goes_out_in_one_message() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var author = await world.JoinAsync("ann");
                    var reader = await world.JoinAsync("bob");
                    world.Gateway.OnSend = static (_, frame) =>
                        frame.Contains("project_change", StringComparison.Ordinal) ? SendFault.Lost : null;
                    for (var change = 1; change <= 5; change++)
                    {
                        Assert.IsType<EventReply.Unavailable>(await author.RenameAsync(1, $"name {change}"));
                    }

                    world.Gateway.OnSend = static (_, _) => null;
                    Assert.IsType<EventReply.Done>(await author.RenameAsync(1, "name 6"));

                    Assert.Equal(Numbers(6), reader.Numbers);
                    Assert.Equal(1, reader.Commands.Count(static command => command == "project_change"));
                }
            )
        );

    private static async Task<List<TestClient>> JoinAsync(World world, int count)
    {
        var clients = new List<TestClient>();
        for (var index = 0; index < count; index++)
        {
            clients.Add(await world.JoinAsync($"user{index}", index % Instances));
        }

        return clients;
    }

    private static Func<int> CountInboxRows(World world)
    {
        var rows = 0;
        world.Store.BeforeSubmit = actions =>
        {
            rows += actions.Count(static action => action is TableAction.Insert && IsInbox(action.RowKey));
            return Task.FromResult<StoreFault?>(null);
        };
        return () => rows;
    }

    private static bool IsInbox(string rowKey) => rowKey.StartsWith("i-", StringComparison.Ordinal);

    private static async Task<List<string>> InboxAsync(World world)
    {
        var rows = new List<string>();
        await foreach (
            var row in world.Store.QueryAsync(TableName.Data, World.Project.Key, RowRange.Prefix("i-"), null, CancellationToken.None)
        )
        {
            rows.Add(row.RowKey);
        }

        return rows;
    }

    private static IEnumerable<long> Numbers(int count) => Enumerable.Range(1, count).Select(static number => (long)number);

    private static async Task TypeAsync(TestClient client, int changes)
    {
        for (var change = 0; change < changes; change++)
        {
            Assert.IsType<EventReply.Done>(await client.RenameAsync(1, change.ToString(CultureInfo.InvariantCulture)));
        }
    }
}
