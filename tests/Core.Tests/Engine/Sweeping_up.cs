using ServerlessSync.Core.Maintenance;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Engine;

/// <summary>A project whose only engine died between committing and publishing, and to which nobody comes any more.</summary>
public sealed class Sweeping_up
{
    [Fact]
    public void A_sweep_publishes_what_a_dead_engine_has_accepted() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var author = await world.JoinAsync("Hugo", instance: 0);
                    var other = await world.JoinAsync("Ines", instance: 0);
                    world.GateOf(0).Hold();
                    var dying = author.RenameAsync(1, "accepted");
                    await time.PassAsync(TimeSpan.FromMinutes(1));
                    Assert.Empty(other.Numbers);

                    var report = await world.SweepAsync(1);

                    Assert.Equal((1, 1, 1), (report.Rows, report.Lagging, report.TakenOver));
                    Assert.Equal([1], other.Numbers);
                    Assert.Equal([1], author.Numbers);
                    world.GateOf(0).Open();
                    await dying;
                },
                instances: 2
            )
        );

    [Fact]
    public void A_sweep_leaves_an_engine_alone_that_is_alive() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var author = await world.JoinAsync("Hugo", instance: 0);
                    world.GateOf(0).Hold();
                    var slow = author.RenameAsync(1, "slow");
                    await time.PassAsync(TimeSpan.FromMilliseconds(100));
                    var sweep = world.SweepAsync(1);
                    await time.PassAsync(TimeSpan.FromSeconds(2));
                    world.GateOf(0).Open();
                    await slow;

                    var report = await sweep;

                    Assert.Equal((1, 1, 0, 0), (report.Rows, report.Lagging, report.TakenOver, report.Removed));
                    Assert.Equal([1], author.Numbers);
                },
                instances: 2
            )
        );

    [Fact]
    public void An_engine_that_falls_idle_leaves_nothing_to_be_swept() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var author = await world.JoinAsync("Hugo");
                    await author.RenameAsync(1, "first");
                    Assert.Equal(1, (await world.SweepAsync(0)).Rows);

                    await time.PassAsync(TimeSpan.FromMinutes(6));

                    Assert.Equal(0, (await world.SweepAsync(0)).Rows);
                    await author.RenameAsync(1, "second");
                    Assert.Equal(1, (await world.SweepAsync(0)).Rows);
                }
            )
        );

    [Fact]
    public void Nothing_is_committed_before_it_is_noted_as_due() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var author = await world.JoinAsync("Hugo");
                    world.Store.BeforeSubmit = static actions =>
                        Task.FromResult<StoreFault?>(IsDue(actions) ? StoreFault.Refused : null);
                    Assert.IsType<EventReply.Unavailable>(await author.RenameAsync(1, "not noted"));

                    var loader = await world.JoinAsync("Ines");

                    Assert.Equal(0, loader.LastDataset.GetProperty("revision").GetInt64());
                    world.Store.BeforeSubmit = static _ => Task.FromResult<StoreFault?>(null);
                    Assert.IsType<EventReply.Done>(await author.RenameAsync(1, "noted"));
                }
            )
        );

    [Fact]
    public void A_row_whose_engine_is_gone_is_removed_after_ten_minutes() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var author = await world.JoinAsync("Hugo", instance: 0);
                    world.Store.BeforeSubmit = static actions =>
                        Task.FromResult<StoreFault?>(
                            IsDue(actions) && actions[0] is TableAction.Delete ? StoreFault.Refused : null
                        );
                    await author.RenameAsync(1, "first");
                    await time.PassAsync(TimeSpan.FromMinutes(9));
                    world.Store.BeforeSubmit = static _ => Task.FromResult<StoreFault?>(null);
                    Assert.Equal((1, 0), Removed(await world.SweepAsync(1)));

                    await time.PassAsync(TimeSpan.FromMinutes(2));

                    Assert.Equal((1, 1), Removed(await world.SweepAsync(1)));
                    Assert.Equal((0, 0), Removed(await world.SweepAsync(1)));
                },
                instances: 2
            )
        );

    [Fact]
    public void A_commit_on_its_way_while_its_row_is_removed_is_noted_again_before_it_succeeds() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var author = await world.JoinAsync("Hugo", instance: 0);
                    await author.RenameAsync(1, "first");
                    // Until the lease is given back, and with that recorded what was sent.
                    await time.PassAsync(TimeSpan.FromSeconds(1));
                    var held = new TaskCompletionSource();
                    var holds = true;
                    world.Store.BeforeSubmit = async actions =>
                    {
                        if (holds && actions.Any(static action => action.RowKey.StartsWith("c-", StringComparison.Ordinal)))
                        {
                            holds = false;
                            await held.Task;
                        }

                        return null;
                    };
                    var frozen = author.RenameAsync(1, "second");
                    await time.PassAsync(TimeSpan.FromMinutes(11));
                    Assert.Equal((1, 1), Removed(await world.SweepAsync(1)));

                    held.SetResult();
                    await frozen;

                    Assert.Equal([1, 2], author.Numbers);
                    Assert.Equal(1, (await world.SweepAsync(1)).Rows);
                },
                instances: 2
            )
        );

    private static (int Rows, int Removed) Removed(SweepReport report) => (report.Rows, report.Removed);

    private static bool IsDue(IReadOnlyList<TableAction> actions) =>
        actions[0].RowKey.StartsWith(World.Project.Key + ":", StringComparison.Ordinal);
}
