using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;
using ServerlessSync.Core.Tests.Engine;

namespace ServerlessSync.Core.Tests.Archives;

public sealed class Restoring_through_failures
{
    [Fact]
    public void The_sweep_lists_it_when_the_process_died_that_restored() =>
        Archiving.Play(async world =>
        {
            var parts = await Archiving.ArchiveAsync(world);
            world.Store.BeforeSubmit = static actions =>
                Task.FromResult<StoreFault?>(actions.Any(static action => action.RowKey.EndsWith("n2", StringComparison.Ordinal)) ? StoreFault.Refused : null);
            var request = new RestoreRequest("Copy", WithAccess: true, Replace: false, Digest: null);
            await Assert.ThrowsAsync<StorageException>(() => Archiving.RestoreAsync(world, parts, Archiving.Id(2), request));
            world.Store.BeforeSubmit = static _ => Task.FromResult<StoreFault?>(null);
            Assert.DoesNotContain("Copy", (await world.Catalog.ListAsync(Archiving.Owner, default)).Select(static project => project.Name));

            await world.SweepAsync(0);

            Assert.Contains("Copy", (await world.Catalog.ListAsync(Archiving.Owner, default)).Select(static project => project.Name));
        });

    [Fact]
    public void A_project_in_quarantine_can_be_saved_and_is_mended_by_a_restore() =>
        Archiving.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo", instance: 1);
            await one.RenameAsync(3, "good");
            await PoisonAsync(world);
            await one.DeliverAsync(50, Archiving.Rename("refused"));
            await one.DeliverAsync(50, Archiving.Rename("refused"));
            Assert.Equal([2], world.Observer.Quarantined);

            var revision = await Archiving.RestoredAsync(world, await Archiving.ArchiveAsync(world), World.Project);
            Assert.Equal(2 + Archiving.Gap, revision);
            var two = await world.JoinAsync("Ines", instance: 1);
            await two.RenameAsync(1, "goes on");

            Assert.Equal("good", await Archiving.NameAsync(world, "Ines"));
            Assert.Equal([revision + 1], two.Numbers);
        });

    [Fact]
    public void A_restore_whose_answers_are_lost_is_finished_by_asking_again() =>
        Archiving.Play(async world =>
        {
            var parts = await Archiving.ArchiveAsync(world);
            var administration = world.ArchivesOf(0, Archiving.Options);
            var (upload, _) = await Archiving.UploadAsync(administration, parts, World.Project);
            var lost = 0;
            world.Store.BeforeSubmit = actions =>
                Task.FromResult<StoreFault?>(
                    actions.Any(static action => action.RowKey is "head" or ['a', '-', ..] or ['v', '-', ..]) && lost++ % 2 == 0
                        ? StoreFault.LostAnswer
                        : null
                );
            var request = new RestoreRequest(Name: null, WithAccess: false, Replace: true, Digest: null);
            ArchiveResult? result = null;
            for (var attempt = 0; attempt < 10 && result is not ArchiveResult.Restored; attempt++)
            {
                try
                {
                    result = await administration.RestoreAsync(Archiving.Administrator, World.Project, upload!, request, default);
                }
                catch (StorageException)
                {
                    // The caller is answered with 503, and asks again.
                }
            }

            Assert.Equal(Archiving.Gap, Assert.IsType<ArchiveResult.Restored>(result).Revision);
            Assert.Equal(Archiving.Gap, (await Archiving.HeadAsync(world, World.Project)).Revision);
            Assert.True(lost >= 3);
        });

    [Fact]
    public void What_a_restore_that_is_given_up_has_stored_goes_with_its_upload() =>
        Archiving.Play(async world =>
        {
            var hasty = Archiving.Options with { WorkTime = TimeSpan.Zero };
            var one = await world.JoinAsync("Hugo");
            await one.ChangeAsync("""{"versions":{"added":[{"$PhantomId":"_generatedV","content":{"is":"second"}}]}}""");
            var parts = await Archiving.ArchiveAsync(world);
            var administration = world.ArchivesOf(0, hasty);
            var (upload, _) = await Archiving.UploadAsync(administration, parts, Archiving.Id(2));
            var request = new RestoreRequest(Name: null, WithAccess: false, Replace: false, Digest: null);
            Assert.IsType<ArchiveResult.Described>(
                await administration.RestoreAsync(Archiving.Administrator, Archiving.Id(2), upload!, request, default)
            );
            Assert.NotEmpty(await Archiving.KeysAsync(world, Archiving.Id(2)));

            Assert.IsType<ArchiveResult.Done>(await administration.RemoveUploadAsync(Archiving.Administrator, Archiving.Id(2), upload!, default));

            Assert.Empty(await Archiving.KeysAsync(world, Archiving.Id(2)));
        });

    [Fact]
    public void What_a_restore_has_stored_that_never_named_it_goes_with_its_upload() =>
        Archiving.Play(async world =>
        {
            var parts = await Archiving.ArchiveAsync(world);
            var (administration, upload) = await FailAsync(world, parts, static key => key is "head");
            Assert.NotEmpty(await Archiving.KeysAsync(world, Archiving.Id(2)));

            // The head write may only be late.
            Assert.IsType<ArchiveResult.Unavailable>(await RemoveAsync(administration, upload));
            await world.Time.PassAsync(TimeSpan.FromMinutes(3));
            Assert.IsType<ArchiveResult.Done>(await RemoveAsync(administration, upload));

            Assert.Empty(await Archiving.KeysAsync(world, Archiving.Id(2)));
        });

    [Fact]
    public void What_a_restored_project_names_stays_when_its_upload_is_removed() =>
        Archiving.Play(async world =>
        {
            var parts = await Archiving.ArchiveAsync(world);
            var (administration, upload) = await FailAsync(world, parts, static key => key.EndsWith("n2", StringComparison.Ordinal));
            var stored = await Archiving.StoredAsync(world.Store, Archiving.Id(2));

            Assert.IsType<ArchiveResult.Done>(await RemoveAsync(administration, upload));

            Assert.Equal(stored, await Archiving.StoredAsync(world.Store, Archiving.Id(2)));
        });

    [Fact]
    public void An_upload_whose_removal_has_begun_cannot_be_restored() =>
        Archiving.Play(async world =>
        {
            var parts = await Archiving.ArchiveAsync(world);
            var (administration, upload) = await FailAsync(world, parts, static key => key is "head");
            await world.Time.PassAsync(TimeSpan.FromMinutes(3));
            var removed = 0;
            world.Store.BeforeSubmit = actions =>
                Task.FromResult<StoreFault?>(actions.Any(static action => action is TableAction.Delete) && removed++ == 1 ? StoreFault.Refused : null);
            await Assert.ThrowsAsync<StorageException>(() => RemoveAsync(administration, upload));
            await world.Time.PassAsync(TimeSpan.FromMinutes(3));

            Assert.IsType<ArchiveResult.NotFound>(
                await administration.RestoreAsync(Archiving.Administrator, Archiving.Id(2), upload, Copy(), default)
            );
            Assert.Equal(1, await administration.ExpireAsync(default));
            Assert.Empty(await Archiving.KeysAsync(world, Archiving.Id(2)));
        });

    private static RestoreRequest Copy() => new("Copy", WithAccess: true, Replace: false, Digest: null);

    private static Task<ArchiveResult> RemoveAsync(ArchiveAdministration administration, string upload) =>
        administration.RemoveUploadAsync(Archiving.Administrator, Archiving.Id(2), upload, CancellationToken.None);

    /// <summary>Restores as project 2, and fails at the first write of a row.</summary>
    private static async Task<(ArchiveAdministration Administration, string Upload)> FailAsync(
        World world,
        IReadOnlyList<byte[]> parts,
        Func<string, bool> isRow
    )
    {
        var administration = world.ArchivesOf(0, Archiving.Options);
        var (upload, _) = await Archiving.UploadAsync(administration, parts, Archiving.Id(2));
        world.Store.BeforeSubmit = actions =>
            Task.FromResult<StoreFault?>(actions.Any(action => isRow(action.RowKey)) ? StoreFault.Refused : null);
        await Assert.ThrowsAsync<StorageException>(() =>
            administration.RestoreAsync(Archiving.Administrator, Archiving.Id(2), upload!, Copy(), CancellationToken.None)
        );
        world.Store.BeforeSubmit = static _ => Task.FromResult<StoreFault?>(null);
        return (administration, upload!);
    }

    private static async Task PoisonAsync(World world)
    {
        var log = new ProjectLog(world.Store, World.Project);
        var head = (await log.ReadHeadAsync(CancellationToken.None))!;
        var entry = new LogEntry(
            head.Value.Revision + 1,
            (EntryKind)7,
            new Origin("Hugo", new ConnectionId("nobody"), EventId: 1),
            "\"local-1\"",
            Client: null,
            Session: null,
            ConflictResolutionFor: null,
            "{}"u8.ToArray(),
            Cut: false
        );
        var commit = new Commit("poison", world.Time.GetUtcNow(), [entry]);
        await log.WriteAsync(head, head.Value with { Revision = entry.Revision }, commit, CancellationToken.None);
    }
}
