using System.Text.Json;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Engine.Committing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Engine;

public sealed class Editing_through_a_reset
{
    private static readonly EditWindow Window = new();

    /// <summary>Half a second is the shortest pause after which a page is sure to get out.</summary>
    [Theory]
    [InlineData(500)]
    [InlineData(730)]
    [InlineData(1000)]
    [InlineData(2000)]
    [InlineData(5000)]
    public void A_page_that_edits_without_a_pause_is_accepted_again_soon_and_told_of_every_change_that_was_not_taken(int milliseconds) =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var period = TimeSpan.FromMilliseconds(milliseconds);
                    for (var phase = 0; phase < 10; phase++)
                    {
                        var asker = await world.JoinAsync("Hugo");
                        var page = new SteadyPage(await world.JoinAsync("Ines"), time, period);
                        await time.PassAsync(TimeSpan.FromMilliseconds(100 * phase));
                        var editing = page.EditAsync(TimeSpan.FromSeconds(20));
                        await time.PassAsync(TimeSpan.FromSeconds(3));
                        await asker.ResetAsync();
                        var reset = page.ResetAt(time);
                        await editing;
                        await time.PassAsync(Window.Round);

                        Assert.True(page.IsOpen, "its socket was closed");
                        Assert.All(page.Edits, edit => Assert.True(page.IsAccepted(edit) != edit.IsTold, $"{edit}"));
                        var longest = page.Edits.Where(static edit => edit.IsTold).Select(edit => edit.At - reset).DefaultIfEmpty().Max();
                        Assert.True(longest < Window.Length + Window.Round, $"refused for {longest}");
                        Assert.True(page.DatasetsAfterReset <= 3, $"{page.DatasetsAfterReset} datasets");
                    }
                }
            )
        );

    [Fact]
    public void A_page_that_edits_into_every_dataset_has_its_socket_closed_within_the_stated_time() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var asker = await world.JoinAsync("Hugo");
                    var page = new SteadyPage(await world.JoinAsync("Ines"), time, TimeSpan.FromMilliseconds(250));
                    var editing = page.EditAsync(TimeSpan.FromSeconds(20));
                    await time.PassAsync(TimeSpan.FromSeconds(3));
                    await asker.ResetAsync();
                    var reset = page.ResetAt(time);
                    await editing;

                    Assert.False(page.IsOpen, "a page that nobody answers must know");
                    Assert.InRange(page.Edits[^1].At - reset, Window.Length, Window.Max);
                    Assert.Equal(Refusals.NoPause, world.Gateway.Reason);
                    Assert.All(page.Edits.SkipLast(1), edit => Assert.True(page.IsAccepted(edit) != edit.IsTold, $"{edit}"));
                }
            )
        );

    [Fact]
    public void However_many_changes_are_refused_one_dataset_follows_when_the_window_is_over() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var asker = await world.JoinAsync("Hugo");
                    var page = await world.JoinAsync("Ines");
                    await asker.ResetAsync();
                    for (var edit = 1; edit <= 5; edit++)
                    {
                        var reply = await page.RenameAsync(1, $"{edit}");
                        Assert.Contains(Refusals.BeforeDataset, TestClient.Body(reply), StringComparison.Ordinal);
                    }

                    Assert.Equal(2, page.Commands.Count(static command => command == "dataset"));
                    await time.PassAsync(Window.Length + Window.Round);
                    Assert.Equal(3, page.Commands.Count(static command => command == "dataset"));
                    await page.RenameAsync(1, "after");
                    Assert.Equal([2], page.Numbers);
                    Assert.Empty(world.Gateway.Members(GroupName.OfOwed(World.Project)));
                    Assert.Empty(world.Gateway.Members(GroupName.OfSettling(World.Project)));
                }
            )
        );

    [Fact]
    public void What_the_asker_does_between_asking_and_receiving_is_refused_and_told() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var asker = await world.JoinAsync("Hugo");
                    await asker.ResetAsync();
                    var queued = await asker.RenameAsync(1, "made before the dataset came");

                    Assert.Contains(Refusals.BeforeDataset, TestClient.Body(queued), StringComparison.Ordinal);
                    await time.PassAsync(Window.Length + Window.Round);
                    await asker.RenameAsync(1, "after");
                    Assert.Equal([2], asker.Numbers);
                }
            )
        );

    [Fact]
    public void A_dataset_that_was_asked_for_opens_no_window() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var asker = await world.JoinAsync("Hugo");
                    var live = await world.JoinAsync("Ines");
                    await asker.ResetAsync();
                    var first = await world.JoinAsync("Jo");
                    await first.RenameAsync(1, "at once");
                    Assert.Equal([2], first.Numbers);

                    await live.LoadAsync();
                    var queued = await live.RenameAsync(1, "waited behind the load");
                    Assert.Contains(Refusals.BeforeDataset, TestClient.Body(queued), StringComparison.Ordinal);
                    await time.PassAsync(Window.Round + Window.Margin);
                    await live.LoadAsync();
                    await live.LoadAsync();
                    await time.PassAsync(Window.Margin);
                    await live.RenameAsync(1, "at once");
                    Assert.Equal(3, live.Numbers[^1]);
                }
            )
        );

    [Fact]
    public void What_a_dead_engine_owes_another_one_sends_after_a_sweep() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var asker = await world.JoinAsync("Hugo", instance: 1);
                    var page = await world.JoinAsync("Ines", instance: 0);
                    await asker.ResetAsync();
                    await page.RenameAsync(1, "refused");
                    world.GateOf(0).Hold();
                    await time.PassAsync(TimeSpan.FromMinutes(1));
                    Assert.Equal(2, page.Commands.Count(static command => command == "dataset"));

                    await world.SweepAsync(1);
                    await time.PassAsync(TimeSpan.FromSeconds(15));
                    Assert.Equal(3, page.Commands.Count(static command => command == "dataset"));
                    page.Instance = 1;
                    await page.RenameAsync(1, "after");
                    Assert.Equal([2], page.Numbers);
                    world.GateOf(0).Open();
                },
                instances: 2
            )
        );

    [Fact]
    public void An_engine_does_not_retire_before_it_has_looked_for_what_a_dead_one_owes() =>
        VirtualTime.Run(time =>
            new World(
                time,
                instanceCount: 2,
                new SequencerOptions { StateBytesMax = 1 << 30, IdleTime = TimeSpan.FromSeconds(3), LeaseTime = TimeSpan.FromSeconds(5) }
            ).RunAsync(async world =>
            {
                var asker = await world.JoinAsync("Hugo", instance: 1);
                var page = await world.JoinAsync("Ines", instance: 0);
                await asker.ResetAsync();
                await page.RenameAsync(1, "refused");
                world.GateOf(0).Hold();
                await time.PassAsync(TimeSpan.FromMinutes(1));

                // Another engine has asked the dead one for the lease and died, too, so this one cannot ask.
                var log = new ProjectLog(world.Store, World.Project);
                var head = (await log.ReadHeadAsync(CancellationToken.None))!;
                Assert.False(head.Value.LeaseIsFree);
                await log.WriteAsync(head, head.Value with { LeaseWanted = "dead" }, commit: null, CancellationToken.None);

                await world.SweepAsync(1);
                await time.PassAsync(TimeSpan.FromSeconds(20));

                Assert.Equal(3, page.Commands.Count(static command => command == "dataset"));
                world.GateOf(0).Open();
            })
        );

    [Fact]
    public void Another_engine_knows_that_a_dataset_is_owed_and_when_it_was_sent() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var asker = await world.JoinAsync("Hugo", instance: 1);
                    var page = await world.JoinAsync("Ines", instance: 0);
                    await asker.ResetAsync();
                    await page.RenameAsync(1, "refused");
                    page.Instance = 1;
                    await time.PassAsync(Window.Length - TimeSpan.FromMilliseconds(800));
                    Assert.IsType<EventReply.Text>(await page.RenameAsync(1, "while it is owed"));
                    await time.PassAsync(TimeSpan.FromSeconds(5));
                    var datasets = page.Commands.Count(static command => command == "dataset");
                    await page.RenameAsync(1, "after");

                    Assert.Equal([2], page.Numbers);
                    Assert.InRange(datasets, 3, 4);
                },
                instances: 2
            )
        );

    [Fact]
    public void Who_leaves_for_another_page_is_not_brought_back_by_what_it_was_owed() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var asker = await world.JoinAsync("Hugo");
                    var page = await world.JoinAsync("Ines");
                    await asker.ResetAsync();
                    await page.RenameAsync(1, "refused");
                    await page.SendAsync("""{"command":"login","data":{"login":"Jo","password":""}}""");
                    var before = page.Texts.Count;
                    await time.PassAsync(TimeSpan.FromSeconds(10));
                    await asker.RenameAsync(1, "not for Jo");

                    Assert.Equal(before, page.Texts.Count);
                }
            )
        );

    /// <summary>A page of the published kind: events one at a time and in order, a dataset throws away what it has not been answered.</summary>
    private sealed class SteadyPage(TestClient client, VirtualTime time, TimeSpan period)
    {
        private readonly List<Edit> edits = [];
        private int datasetsBefore;

        public IReadOnlyList<Edit> Edits => edits;

        public bool IsOpen => client.IsOpen;

        public int DatasetsAfterReset => client.Commands.Count(static command => command == "dataset") - datasetsBefore;

        public bool IsAccepted(Edit edit) =>
            client.Revisions.Any(revision => revision.GetRawText().Contains($"\"{edit.At}\"", StringComparison.Ordinal));

        /// <summary>When the dataset of the reset was sent, which has just been answered.</summary>
        public TimeSpan ResetAt(VirtualTime clock)
        {
            datasetsBefore = client.Commands.Count(static command => command == "dataset");
            return clock.Elapsed - new SequencerOptions().QuietTime;
        }

        public async Task EditAsync(TimeSpan length)
        {
            var queue = Task.CompletedTask;
            for (var end = time.Elapsed + length; time.Elapsed < end && client.IsOpen; await time.PassAsync(period))
            {
                var edit = new Edit { At = time.Elapsed };
                edits.Add(edit);
                queue = SendAsync(queue, edit);
            }

            await queue;
        }

        private async Task SendAsync(Task before, Edit edit)
        {
            await before;
            if (!client.IsOpen)
            {
                return;
            }

            var reply = await client.RenameAsync(1, $"{edit.At}");
            edit.IsTold = reply is EventReply.Text text && JsonDocument.Parse(text.Frame).RootElement.TryGetProperty("error", out _);
        }
    }

    private sealed record Edit
    {
        public TimeSpan At { get; init; }

        public bool IsTold { get; set; }
    }
}
