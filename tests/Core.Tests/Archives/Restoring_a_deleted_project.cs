using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Storage;
using ServerlessSync.Core.Tests.Engine;
using ServerlessSync.Core.Tests.Projects;

namespace ServerlessSync.Core.Tests.Archives;

public sealed class Restoring_a_deleted_project
{
    [Fact]
    public void Under_the_id_of_a_deleted_project_numbers_go_on_a_million_above_its_last() =>
        Archiving.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            var parts = await Archiving.ArchiveAsync(world);
            await one.RenameAsync(3, "later");
            await world.AdministrationOf(0).DeleteAsync(Archiving.Owner, World.Project, CancellationToken.None);
            var generation = (await Archiving.HeadAsync(world, World.Project)).Generation;

            Assert.Equal(1 + Archiving.Gap, await Archiving.RestoredAsync(world, parts, World.Project));

            var head = await Archiving.HeadAsync(world, World.Project);
            Assert.False(head.IsDeleted);
            Assert.True(head.Generation > generation);
            Assert.Equal("Move", await Archiving.NameAsync(world, Archiving.Administrator));
            Assert.Equal(["Office move"], (await world.Catalog.ListAsync(Archiving.Administrator, default)).Select(static project => project.Name));
        });

    [Fact]
    public void A_project_that_is_still_being_deleted_is_not_restored_into() =>
        Archiving.Play(async world =>
        {
            var parts = await Archiving.ArchiveAsync(world);
            world.Store.BeforeSubmit = static actions =>
                Task.FromResult<StoreFault?>(actions.Any(static action => action is TableAction.Delete { RowKey: ['b', '-', ..] }) ? StoreFault.Refused : null);
            await Assert.ThrowsAsync<StorageException>(
                () => world.AdministrationOf(0).DeleteAsync(Archiving.Owner, World.Project, CancellationToken.None)
            );

            Assert.IsType<ArchiveResult.Unavailable>(await Archiving.RestoreAsync(world, parts, World.Project));
        });

    [Fact]
    public void The_late_purge_of_the_deleted_project_takes_nothing_of_the_restored_one() =>
        Archiving.Play(async world =>
        {
            var parts = await Archiving.ArchiveAsync(world);
            await world.AdministrationOf(0).DeleteAsync(Archiving.Owner, World.Project, CancellationToken.None);
            await Archiving.RestoredAsync(world, parts, World.Project);
            var keys = await Archiving.KeysAsync(world, World.Project);
            var before = await Archiving.StoredAsync(world.Store, World.Project);

            await Traces.SweepUpAsync(world);

            Assert.Equal(keys, await Archiving.KeysAsync(world, World.Project));
            Assert.Equal(before, await Archiving.StoredAsync(world.Store, World.Project));
            Assert.Equal(0, await Traces.JobsAsync(world));
            Assert.Single(await world.Catalog.ListAsync(Archiving.Administrator, default));
        });

    [Fact]
    public void What_a_purge_removed_while_it_was_being_stored_is_not_restored() =>
        Archiving.Play(async world =>
        {
            var parts = await Archiving.ArchiveAsync(world);
            await world.AdministrationOf(0).DeleteAsync(Archiving.Owner, World.Project, CancellationToken.None);
            var isPurged = false;
            world.Store.BeforeSubmit = async actions =>
            {
                if (!isPurged && actions.Any(static action => action is { RowKey: ['a', '-', ..] } and not TableAction.Delete))
                {
                    // The base is stored by now, and the anchor is not.
                    isPurged = true;
                    await new ProjectLog(world.Store, World.Project).PurgeAsync(CancellationToken.None);
                }

                return null;
            };

            Assert.IsType<ArchiveResult.Conflict>(await Archiving.RestoreAsync(world, parts, World.Project));

            Assert.True(isPurged);
            Assert.True((await Archiving.HeadAsync(world, World.Project)).IsDeleted);
            await Archiving.RestoredAsync(world, parts, World.Project);
        });

    [Fact]
    public void A_purge_that_was_about_to_remove_rows_when_the_project_was_restored_removes_none() =>
        Archiving.Play(async world =>
        {
            var parts = await Archiving.ArchiveAsync(world);
            await world.AdministrationOf(0).DeleteAsync(Archiving.Owner, World.Project, CancellationToken.None);
            var late = new TableAction.Insert("s-0000000000000000001-late", TableRows.NoProperties);
            await world.Store.SubmitAsync(TableName.Data, World.Project.Key, [late], CancellationToken.None);
            string? before = null;
            world.Store.BeforeSubmit = async actions =>
            {
                if (actions.Any(action => action is TableAction.Delete && action.RowKey == late.RowKey))
                {
                    world.Store.BeforeSubmit = static _ => Task.FromResult<StoreFault?>(null);
                    await Archiving.RestoredAsync(world, parts, World.Project);
                    before = await Archiving.StoredAsync(world.Store, World.Project);
                }

                return null;
            };

            await new ProjectLog(world.Store, World.Project).PurgeAsync(CancellationToken.None);

            Assert.NotNull(before);
            Assert.Equal(before, await Archiving.StoredAsync(world.Store, World.Project));
            Assert.Contains(late.RowKey, await Archiving.KeysAsync(world, World.Project));
        });

    [Fact]
    public void A_restore_whose_rows_went_with_the_late_purge_is_refused() =>
        Archiving.Play(async world =>
        {
            var hasty = Archiving.Options with { WorkTime = TimeSpan.Zero };
            var one = await world.JoinAsync("Hugo");
            await one.ChangeAsync("""{"versions":{"added":[{"$PhantomId":"_generatedV","content":{"is":"second"}}]}}""");
            var parts = await Archiving.ArchiveAsync(world);
            await world.AdministrationOf(0).DeleteAsync(Archiving.Owner, World.Project, CancellationToken.None);
            var administration = world.ArchivesOf(0, hasty);
            var (upload, _) = await Archiving.UploadAsync(administration, parts, World.Project);
            var request = new RestoreRequest(Name: null, WithAccess: false, Replace: false, Digest: null);
            Assert.IsType<ArchiveResult.Described>(
                await administration.RestoreAsync(Archiving.Administrator, World.Project, upload!, request, default)
            );
            await Traces.SweepUpAsync(world);

            var refused = await administration.RestoreAsync(Archiving.Administrator, World.Project, upload!, request, default);

            Assert.Contains("another upload", Assert.IsType<ArchiveResult.Conflict>(refused).Reason, StringComparison.Ordinal);
            Assert.True((await Archiving.HeadAsync(world, World.Project)).IsDeleted);
            Assert.IsType<ArchiveResult.Restored>(await Archiving.RestoreAsync(world, parts, World.Project));
        });

    [Fact]
    public void A_project_that_was_deleted_and_restored_a_moment_ago_can_be_deleted_again() =>
        Archiving.Play(async world =>
        {
            var parts = await Archiving.ArchiveAsync(world);
            await world.AdministrationOf(0).DeleteAsync(Archiving.Owner, World.Project, CancellationToken.None);
            await Archiving.RestoredAsync(world, parts, World.Project);

            Assert.IsType<AdministrationResult.Done>(await world.AdministrationOf(0).DeleteAsync(Archiving.Administrator, World.Project, default));

            Assert.True((await Archiving.HeadAsync(world, World.Project)).IsDeleted);
            Assert.Equal(["head"], await Archiving.KeysAsync(world, World.Project));
            Assert.Empty(await world.Catalog.ListAsync(Archiving.Administrator, default));
        });
}
