using ServerlessSync.Core.Engine.Committing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Engine;

public sealed class Resetting_and_healing
{
    [Fact]
    public void A_reset_sends_everybody_the_base_dataset_then_the_notice_and_numbers_go_on() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var one = await world.JoinAsync("Hugo");
                    var two = await world.JoinAsync("Ines");
                    await one.RenameAsync(1, "changed");
                    await one.ResetAsync();
                    await time.PassAsync(new EditWindow().Length);
                    await one.RenameAsync(1, "after");

                    Assert.Equal(["project_change", "dataset", "reset", "project_change"], two.Commands.Skip(2));
                    Assert.Equal("Plan", two.LastDataset.GetProperty("dataset").GetProperty("tasksData")[0].GetProperty("name").GetString());
                    Assert.Equal(2, two.LastDataset.GetProperty("revision").GetInt64());
                    Assert.Equal([1, 3], two.Numbers);
                    Assert.Equal([1, 3], one.Numbers);
                }
            )
        );

    [Fact]
    public void An_edit_in_flight_across_a_reset_is_answered_with_the_dataset_instead_of_being_applied() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var one = await world.JoinAsync("Hugo");
                    var two = await world.JoinAsync("Ines");
                    var reset = one.ResetAsync();
                    await time.PassAsync(TimeSpan.FromMilliseconds(20));
                    var inFlight = two.RenameAsync(1, "from before");
                    await Task.WhenAll(reset, inFlight);

                    Assert.Empty(two.Numbers);
                    Assert.Contains("\"error\"", TestClient.Body(await inFlight), StringComparison.Ordinal);
                    await time.PassAsync(TimeSpan.FromSeconds(5));
                    Assert.Equal(3, two.Commands.Count(static command => command == "dataset"));
                    Assert.Equal("Plan", two.LastDataset.GetProperty("dataset").GetProperty("tasksData")[0].GetProperty("name").GetString());
                    await two.RenameAsync(1, "later");
                    Assert.Equal([2], two.Numbers);
                    Assert.Equal([2], one.Numbers);
                }
            )
        );

    [Fact]
    public void Of_resets_that_could_not_be_sent_only_the_last_one_is_and_the_changes_after_it() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var other = await world.JoinAsync("Ines");
                    var authors = await Task.WhenAll(Enumerable.Range(1, 3).Select(number => world.JoinAsync($"Hugo {number}")));
                    var late = await world.JoinAsync("Jo");
                    world.GateOf(0).Hold();
                    var first = authors[0].ResetAsync();
                    await time.PassAsync(TimeSpan.FromSeconds(1));
                    var others = authors.Skip(1).Select(static author => author.ResetAsync()).ToList();
                    world.Gateway.OnSend = static (_, _) => SendFault.Lost;
                    world.GateOf(0).Open();
                    Assert.IsType<EventReply.Unavailable>(await first);
                    await Task.WhenAll(others);
                    world.Gateway.OnSend = static (_, _) => null;
                    await time.PassAsync(TimeSpan.FromSeconds(15));
                    await late.RenameAsync(1, "after");

                    Assert.Equal(["dataset", "reset", "project_change"], other.Commands.SkipWhile(static command => command != "dataset").Skip(1));
                    Assert.Equal(3, other.LastDataset.GetProperty("revision").GetInt64());
                    Assert.Equal([4], other.Numbers);
                }
            )
        );

    [Fact]
    public void Changes_are_stored_during_the_silence_before_a_reset() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var one = await world.JoinAsync("Hugo");
                    var two = await world.JoinAsync("Ines");
                    var first = one.ResetAsync();
                    await time.PassAsync(TimeSpan.FromMilliseconds(200));
                    var second = two.ResetAsync();
                    await time.PassAsync(TimeSpan.FromMilliseconds(200));

                    var head = (await new ProjectLog(world.Store, World.Project).ReadHeadAsync(CancellationToken.None))!.Value;
                    Assert.Equal((2, 0), (head.Revision, head.Published));
                    Assert.DoesNotContain("reset", two.Commands);

                    await Task.WhenAll(first, second);
                    Assert.Equal(2, two.LastDataset.GetProperty("revision").GetInt64());
                }
            )
        );

    [Fact]
    public void A_client_that_names_its_dataset_is_judged_by_that_and_not_by_time() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var one = await world.JoinAsync("Hugo");
                    var two = await world.JoinAsync("Ines");
                    await one.ResetAsync();
                    await two.RenameAsync(1, "knows it", datasetRevision: 1);
                    Assert.Equal([2], two.Numbers);
                    await time.PassAsync(TimeSpan.FromMinutes(1));
                    await two.RenameAsync(1, "does not", datasetRevision: 0);

                    Assert.Equal([2], two.Numbers);
                }
            )
        );

    [Fact]
    public void Who_names_its_dataset_and_goes_on_typing_after_a_refusal_gets_one_dataset_and_not_one_for_each_edit() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var typing = await world.JoinAsync("Hugo");
                    var other = await world.JoinAsync("Ines");
                    await other.RenameAsync(3, "ahead");
                    await typing.ChangeAsync(datasetRevision: 0, """{"tasks":{"added":"none"}}""");
                    for (var edit = 1; edit <= 5; edit++)
                    {
                        // Made before the dataset at 1 came.
                        await typing.RenameAsync(1, "outdated", datasetRevision: 0);
                        await other.RenameAsync(3, $"goes on {edit}");
                    }

                    await typing.RenameAsync(1, "made on it", datasetRevision: 1);

                    Assert.Equal(2, typing.Commands.Count(static command => command == "dataset"));
                    Assert.Equal([1, 2, 3, 4, 5, 6, 7], other.Numbers);
                    Assert.Equal("made on it", other.Revisions[^1].GetProperty("changes").GetProperty("tasks").GetProperty("updated")[0].GetProperty("name").GetString());
                }
            )
        );

    [Fact]
    public void A_refused_change_takes_no_number_and_its_sender_gets_the_reason_and_a_fresh_dataset() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var one = await world.JoinAsync("Hugo");
                    var two = await world.JoinAsync("Ines");
                    await one.ChangeAsync("""{"tasks":{"updated":[{"id":1,"name":"kept"}]}}""", """{"tasks":{"updated":"no array"}}""", "{}");
                    await two.RenameAsync(3, "next");

                    Assert.Equal([1, 2], two.Numbers);
                    Assert.Equal(["login", "dataset", "project_change", "project_change", "dataset", "project_change"], one.Commands);
                    var error = one.Frames[3];
                    Assert.Contains("tasks", error.GetProperty("error").GetString(), StringComparison.Ordinal);
                    Assert.Equal(1, one.LastDataset.GetProperty("revision").GetInt64());
                    Assert.Equal("kept", one.LastDataset.GetProperty("dataset").GetProperty("tasksData")[0].GetProperty("name").GetString());
                }
            )
        );

    [Fact]
    public void Nothing_reaches_a_healed_client_right_before_or_after_its_dataset() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var busy = await world.JoinAsync("Hugo");
                    var other = await world.JoinAsync("Ines");
                    var healing = busy.LoadAsync();
                    for (var change = 0; change < 30; change++)
                    {
                        await other.RenameAsync(3, $"{change}");
                        await time.PassAsync(TimeSpan.FromMilliseconds(100));
                    }

                    Assert.IsType<EventReply.Done>(await healing);
                    var dataset = busy.LastDataset.GetProperty("revision").GetInt64();
                    var position = busy.Commands.ToList().LastIndexOf("dataset");
                    var missed = busy.Frames[position + 1].GetProperty("data").GetProperty("revisions");

                    Assert.True(dataset > 3, $"dataset at {dataset}");
                    Assert.True(missed.GetArrayLength() > 3, "what came in the quiet time comes together after it");
                    Assert.Equal(dataset + 1, missed[0].GetProperty("revision").GetInt64());
                    Assert.Equal(30, busy.Numbers[^1]);
                    Assert.Equal(busy.Numbers.Order(), busy.Numbers);
                }
            )
        );
}
