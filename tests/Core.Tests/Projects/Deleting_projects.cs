using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Storage;
using ServerlessSync.Core.Tests.Engine;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Projects;

public sealed class Deleting_projects
{
    [Fact]
    public void Nothing_of_a_deleted_project_is_left_but_its_tombstone() =>
        Run(async world =>
        {
            await Traces.CreateAsync(world);
            await Traces.GrantAsync(world, "Ines", Role.Editor);
            await Traces.GrantAsync(world, grantee: null, Role.Viewer);

            Assert.IsType<AdministrationResult.Done>(await Traces.DeleteAsync(world));

            await Traces.AssertTombstoneAloneAsync(world);
            Assert.IsType<AdministrationResult.Exists>(await Traces.CreateAsync(world, "Ines"));
            await Traces.SweepUpAsync(world);
            await Traces.AssertTombstoneAloneAsync(world);
        });

    [Fact]
    public void A_deletion_that_broke_off_anywhere_is_finished_by_its_repetition() =>
        BreakOff(static async world => Assert.IsType<AdministrationResult.Done>(await Traces.DeleteAsync(world, instance: 1)));

    [Fact]
    public void A_deletion_that_broke_off_anywhere_is_finished_by_the_sweep() =>
        BreakOff(static async world => await world.SweepAsync(1));

    [Fact]
    public void Only_the_user_who_began_a_deletion_may_repeat_it() =>
        Run(async world =>
        {
            await Traces.CreateAsync(world);
            await Traces.GrantAsync(world, "Ines", Role.Owner);
            await Traces.DeleteAsync(world);

            Assert.IsType<AdministrationResult.Done>(await Traces.DeleteAsync(world));
            Assert.IsType<AdministrationResult.NotFound>(await Traces.DeleteAsync(world, "Ines"));
            Assert.IsType<AdministrationResult.NotFound>(await Traces.DeleteAsync(world, "Jo"));

            await Traces.SweepUpAsync(world);

            Assert.IsType<AdministrationResult.NotFound>(await Traces.DeleteAsync(world));
        });

    [Fact]
    public void What_reaches_the_store_after_the_purge_is_removed_a_quarter_of_an_hour_later() =>
        Run(async world =>
        {
            await Traces.CreateAsync(world);
            await Traces.DeleteAsync(world);
            var late = new Dictionary<string, TableValue>(StringComparer.Ordinal) { ["format"] = 1 };
            await world.Store.SubmitAsync(
                TableName.Data,
                Traces.Project.Key,
                [new TableAction.Insert("s-0000000000000000001-late", late)],
                CancellationToken.None
            );
            await world.SweepAsync(0);
            await world.Time.PassAsync(TimeSpan.FromMinutes(14));
            await world.SweepAsync(0);
            Assert.Equal(["data head", "data s-0000000000000000001-late"], await Traces.OfProjectAsync(world));

            await world.Time.PassAsync(TimeSpan.FromMinutes(1));
            await world.SweepAsync(0);

            await Traces.AssertTombstoneAloneAsync(world);
            Assert.Equal(0, await Traces.JobsAsync(world));
        });

    [Fact]
    public void Numbers_stay_in_the_tombstone_and_names_do_not() =>
        Run(async world =>
        {
            await world.GrantAsync(0, "Hugo", Role.Owner);
            var hugo = await world.JoinAsync("Hugo");
            await hugo.RenameAsync(1, "once");
            await hugo.RenameAsync(1, "twice");

            await world.AdministrationOf(0).DeleteAsync("Hugo", World.Project, CancellationToken.None);

            Assert.False(hugo.IsOpen);
            var rows = new List<TableRow>();
            await foreach (
                var row in world.Store.QueryAsync(TableName.Data, World.Project.Key, new RowRange("!", "~"), limit: null, CancellationToken.None)
            )
            {
                rows.Add(row);
            }

            var tombstone = Assert.Single(rows);
            Assert.Equal((2, 2), (tombstone.GetInt64("revision"), tombstone.GetInt64("published")));
            Assert.All(tombstone.Properties.Values.Where(static value => value.IsString), static value => Assert.Empty(value.AsString()));
        });

    [Fact]
    public void Edits_during_a_deletion_are_refused_on_every_instance_and_leave_nothing() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    await world.GrantAsync(0, "Hugo", Role.Owner);
                    var hugo = await world.JoinAsync("Hugo", instance: 1);
                    await hugo.RenameAsync(1, "before");
                    await world.AdministrationOf(0).DeleteAsync("Hugo", World.Project, CancellationToken.None);

                    await hugo.RenameAsync(1, "after");
                    await time.PassAsync(TimeSpan.FromMinutes(1));

                    Assert.Equal([1], hugo.Numbers);
                    Assert.Empty(world.Observer.Failures);
                    var head = await new ProjectLog(world.Store, World.Project).ReadHeadAsync(CancellationToken.None);
                    Assert.Equal(1, head!.Value.Revision);
                },
                instances: 2
            )
        );

    [Fact]
    public void What_the_last_release_deleted_stays_deleted() =>
        Run(async world =>
        {
            await Traces.CreateAsync(world);
            var log = new ProjectLog(world.Store, Traces.Project);
            var head = (await log.ReadHeadAsync(CancellationToken.None))!;
            await log.WriteAsync(head, head.Value with { IsDeleted = true }, commit: null, CancellationToken.None);

            Assert.IsType<AdministrationResult.NotFound>(await Traces.DeleteAsync(world));
            Assert.IsType<AdministrationResult.Exists>(await Traces.CreateAsync(world));
            Assert.Empty(await Traces.ListAsync(world, "Hugo"));
        });

    /// <summary>Interrupts a deletion at its first, second, … transaction, before and after it is carried out, until it completes.</summary>
    private static void BreakOff(Func<World, Task> finish)
    {
        foreach (var fault in new[] { StoreFault.LostRequest, StoreFault.LostAnswer })
        {
            for (var (at, hasBroken) = (1, true); hasBroken; at++)
            {
                hasBroken = false;
                VirtualTime.Run(time =>
                    World.RunAsync(
                        time,
                        async world =>
                        {
                            await Traces.CreateAsync(world);
                            await Traces.GrantAsync(world, "Ines", Role.Owner);
                            hasBroken = await BreakOffAsync(world, at, fault);
                            await finish(world);
                            if (hasBroken && at == 1 && fault == StoreFault.LostRequest)
                            {
                                // Nothing was stored yet, so only a repetition continues it.
                                await Traces.DeleteAsync(world);
                            }

                            await Traces.AssertTombstoneAloneAsync(world);
                            await Traces.SweepUpAsync(world, instance: 1);
                        },
                        instances: 2
                    )
                );
            }

            // The deletion row, the head, three lists, the purge and the tombstone were each interrupted.
        }
    }

    private static async Task<bool> BreakOffAsync(World world, int at, StoreFault fault)
    {
        var count = 0;
        world.Store.BeforeSubmit = _ => Task.FromResult<StoreFault?>(++count == at ? fault : null);
        try
        {
            await Traces.DeleteAsync(world);
            return false;
        }
        catch (StorageException)
        {
            return true;
        }
        finally
        {
            world.Store.BeforeSubmit = static _ => Task.FromResult<StoreFault?>(null);
        }
    }

    private static void Run(Func<World, Task> scenario) => VirtualTime.Run(time => World.RunAsync(time, scenario));
}
