using ServerlessSync.Core.Log;
using ServerlessSync.Core.Tests.Engine;

namespace ServerlessSync.Core.Tests.Archives;

public sealed class Restoring_an_open_project
{
    [Fact]
    public void An_archive_that_a_restore_overtakes_can_be_made_anew() =>
        Archiving.Play(async world =>
        {
            var log = new ProjectLog(world.Store, World.Project);
            var basis = (await Archiving.HeadAsync(world, World.Project)).BaseKey;
            var reads = 0;
            world.Store.BeforeQuery = async range =>
            {
                // The first time the state is loaded from it.
                if (range.From.StartsWith(basis, StringComparison.Ordinal) && ++reads == 2)
                {
                    await ReplaceBaseAsync(log, basis);
                }
            };

            await Assert.ThrowsAsync<LogMovedException>(() => Archiving.ArchiveAsync(world));

            Assert.NotEmpty(await Archiving.ArchiveAsync(world));
        });

    /// <summary>What a restore by another instance comes to, and the compaction after it.</summary>
    private static async Task ReplaceBaseAsync(ProjectLog log, string basis)
    {
        var head = (await log.ReadHeadAsync(CancellationToken.None))!;
        var next = head.Value with { BaseKey = RowKeys.Base("restored") };
        await log.PutPayloadAsync(next.BaseKey, (await log.ReadPayloadAsync(basis, CancellationToken.None))!, CancellationToken.None);
        Assert.NotNull(await log.WriteAsync(head, next, commit: null, CancellationToken.None));
        await log.RemovePayloadAsync(basis, CancellationToken.None);
    }

    [Fact]
    public void Whoever_has_the_project_open_is_closed_and_gets_nothing_more_of_it() =>
        Archiving.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            var other = await world.JoinAsync("Ines", instance: 1);
            var parts = await Archiving.ArchiveAsync(world);
            await one.RenameAsync(3, "before");

            await Archiving.RestoredAsync(world, parts, World.Project);
            Assert.False(one.IsOpen);
            Assert.False(other.IsOpen);
            var received = other.Frames.Count;
            var two = await world.JoinAsync("Hugo");
            await two.RenameAsync(3, "after");

            Assert.Equal(received, other.Frames.Count);
            Assert.Equal([1 + Archiving.Gap + 1], two.Numbers);
            Assert.True(two.IsOpen);
        });

    [Fact]
    public void A_connection_that_could_not_be_closed_is_closed_by_the_next_attempt() =>
        Archiving.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            var parts = await Archiving.ArchiveAsync(world);
            world.Gateway.FailingCloses = 1;

            await Archiving.RestoredAsync(world, parts, World.Project);

            Assert.Equal(0, world.Gateway.FailingCloses);
            Assert.False(one.IsOpen);
        });

    [Fact]
    public void The_sweep_closes_them_when_the_process_died_that_restored() =>
        Archiving.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo", instance: 1);
            var parts = await Archiving.ArchiveAsync(world);
            world.GateOf(0).Hold();
            var dying = Archiving.RestoreAsync(world, parts, World.Project);
            await world.Time.PassAsync(TimeSpan.FromMinutes(1));
            Assert.True(one.IsOpen);

            // The first finds an engine that knows the old log, and that gives it up.
            await world.SweepAsync(1);
            await world.SweepAsync(1);

            Assert.False(one.IsOpen);
            world.GateOf(0).Open();
            await dying;
        });

    [Fact]
    public void An_edit_of_a_page_that_is_about_to_be_closed_is_not_applied_however_late_that_is() =>
        Archiving.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo", instance: 1);
            var parts = await Archiving.ArchiveAsync(world);
            world.GateOf(0).Hold();
            var dying = Archiving.RestoreAsync(world, parts, World.Project);
            await world.Time.PassAsync(TimeSpan.FromMinutes(1));

            // Its engine knows of the restore by then, and the service delivers again what it could not take.
            await one.DeliverAsync(50, Archiving.Rename("on the old plan"));
            await one.DeliverAsync(50, Archiving.Rename("on the old plan"));

            Assert.Equal(Archiving.Gap, (await Archiving.HeadAsync(world, World.Project)).Revision);
            world.GateOf(0).Open();
            await dying;
        });

    [Fact]
    public void An_engine_that_slept_through_it_goes_on_with_what_was_restored() =>
        Archiving.Play(async world =>
        {
            var sleeper = await world.JoinAsync("Ines", instance: 1);
            var parts = await Archiving.ArchiveAsync(world);
            await sleeper.RenameAsync(3, "gone");
            await Archiving.RestoredAsync(world, parts, World.Project);

            var back = world.Open("Ines", instance: 1);
            await back.LoginAsync();
            await back.DeliverAsync(9, """{"command":"dataset","data":{"project":1}}""");
            await back.DeliverAsync(9, """{"command":"dataset","data":{"project":1}}""");

            Assert.Equal(1 + Archiving.Gap, back.LastDataset.GetProperty("revision").GetInt64());
            Assert.Equal("Move", await Archiving.NameAsync(world, "Ines"));
        });

    [Fact]
    public void A_reset_of_a_page_that_is_about_to_be_closed_does_not_undo_the_restore() =>
        Archiving.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo", instance: 1);
            var parts = await Archiving.ArchiveAsync(world);
            world.GateOf(0).Hold();
            var dying = Archiving.RestoreAsync(world, parts, World.Project);
            await world.Time.PassAsync(TimeSpan.FromMinutes(1));

            await one.DeliverAsync(50, Archiving.Reset);
            await one.DeliverAsync(50, Archiving.Reset);

            Assert.Equal(Archiving.Gap, (await Archiving.HeadAsync(world, World.Project)).Revision);
            world.GateOf(0).Open();
            await dying;
        });
}
