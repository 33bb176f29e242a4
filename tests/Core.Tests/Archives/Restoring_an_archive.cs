using ServerlessSync.Core.Archives;
using ServerlessSync.Core.History;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Storage;
using ServerlessSync.Core.Tests.Engine;
using ServerlessSync.Core.Tests.Projects;

namespace ServerlessSync.Core.Tests.Archives;

public sealed class Restoring_an_archive
{
    private const long Gap = 1_000_000;
    private const string Reset = """{"command":"reset","data":{"project":1}}""";

    [Fact]
    public void Under_a_fresh_id_numbers_go_on_a_million_above_the_archive() =>
        Archiving.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            await one.RenameAsync(3, "first");
            await one.RenameAsync(3, "second");

            Assert.Equal(2 + Gap, await Archiving.RestoredAsync(world, await Archiving.ArchiveAsync(world), Archiving.Id(2)));

            var head = await Archiving.HeadAsync(world, Archiving.Id(2));
            Assert.Equal((2 + Gap, 2 + Gap, 3 + Gap), (head.Revision, head.Published, head.LogStart));
            Assert.True(head.Generation > (await Archiving.HeadAsync(world, World.Project)).Generation);
        });

    [Fact]
    public void In_the_place_of_a_project_numbers_go_on_a_million_above_the_higher_of_the_two_without_a_hole() =>
        Archiving.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            await one.RenameAsync(3, "archived");
            var parts = await Archiving.ArchiveAsync(world);
            await one.RenameAsync(3, "later");

            Assert.Equal(2 + Gap, await Archiving.RestoredAsync(world, parts, World.Project));
            Assert.Equal(2 + (2 * Gap), await Archiving.RestoredAsync(world, parts, World.Project));
            var two = await world.JoinAsync("Ines", instance: 1);
            await two.RenameAsync(3, "next");

            Assert.Equal(2 + (2 * Gap), two.LastDataset.GetProperty("revision").GetInt64());
            Assert.Equal([3 + (2 * Gap)], two.Numbers);
            var log = new ProjectLog(world.Store, World.Project);
            var head = await Archiving.HeadAsync(world, World.Project);
            var commits = await log.ReadCommitsAsync(head.LogStart - 1, head.Revision, CancellationToken.None).ToListAsync();
            Assert.Equal([3 + (2 * Gap)], commits.Select(static commit => commit.First));
        });

    [Fact]
    public void Under_the_id_of_a_deleted_project_numbers_go_on_a_million_above_its_last() =>
        Archiving.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            var parts = await Archiving.ArchiveAsync(world);
            await one.RenameAsync(3, "later");
            await world.AdministrationOf(0).DeleteAsync(Archiving.Owner, World.Project, CancellationToken.None);
            var generation = (await Archiving.HeadAsync(world, World.Project)).Generation;

            Assert.Equal(1 + Gap, await Archiving.RestoredAsync(world, parts, World.Project));

            var head = await Archiving.HeadAsync(world, World.Project);
            Assert.False(head.IsDeleted);
            Assert.True(head.Generation > generation);
            Assert.Equal("Move", await Name(world, Archiving.Administrator));
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
            var keys = await KeysAsync(world, World.Project);
            var before = await Archiving.StoredAsync(world.Store, World.Project);

            await Traces.SweepUpAsync(world);

            Assert.Equal(keys, await KeysAsync(world, World.Project));
            Assert.Equal(before, await Archiving.StoredAsync(world.Store, World.Project));
            Assert.Equal(0, await Traces.JobsAsync(world));
            Assert.Single(await world.Catalog.ListAsync(Archiving.Administrator, default));
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
            Assert.Contains(late.RowKey, await KeysAsync(world, World.Project));
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
            Assert.Equal(["head"], await KeysAsync(world, World.Project));
            Assert.Empty(await world.Catalog.ListAsync(Archiving.Administrator, default));
        });

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
    public void Open_connections_are_closed_and_receive_nothing_more() =>
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
            Assert.Equal([1 + Gap + 1], two.Numbers);
            Assert.True(two.IsOpen);
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

            // The first edit reaches an engine that still has the old log and discards it.
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

            // By then its engine knows of the restore, and the service redelivers the refused event.
            await one.DeliverAsync(50, Rename("on the old plan"));
            await one.DeliverAsync(50, Rename("on the old plan"));

            Assert.Equal(Gap, (await Archiving.HeadAsync(world, World.Project)).Revision);
            world.GateOf(0).Open();
            await dying;
        });

    [Fact]
    public void A_reset_of_a_page_that_is_about_to_be_closed_does_not_take_away_what_was_restored() =>
        Archiving.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo", instance: 1);
            var parts = await Archiving.ArchiveAsync(world);
            world.GateOf(0).Hold();
            var dying = Archiving.RestoreAsync(world, parts, World.Project);
            await world.Time.PassAsync(TimeSpan.FromMinutes(1));

            await one.DeliverAsync(50, Reset);
            await one.DeliverAsync(50, Reset);

            Assert.Equal(Gap, (await Archiving.HeadAsync(world, World.Project)).Revision);
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

            Assert.Equal(1 + Gap, back.LastDataset.GetProperty("revision").GetInt64());
            Assert.Equal("Move", await Name(world, "Ines"));
        });

    [Fact]
    public void A_project_that_is_there_is_replaced_only_when_that_is_asked_for() =>
        Archiving.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            var parts = await Archiving.ArchiveAsync(world);
            await one.RenameAsync(3, "kept");
            var request = new RestoreRequest(Name: null, WithAccess: false, Replace: false, Digest: null);

            var refused = await Archiving.RestoreAsync(world, parts, World.Project, request);

            Assert.Contains("replace", Assert.IsType<ArchiveResult.Conflict>(refused).Reason, StringComparison.Ordinal);
            Assert.Equal("kept", await Name(world, "Hugo"));
            Assert.True(one.IsOpen);
        });

    [Fact]
    public void The_access_list_is_applied_only_when_that_is_asked_for() =>
        Archiving.Play(async world =>
        {
            await world.GrantAsync(0, user: null, Role.None);
            var parts = await Archiving.ArchiveAsync(world);
            await world.GrantAsync(0, "Ines", Role.Editor);

            await Archiving.RestoredAsync(world, parts, World.Project);
            Assert.Equal(Role.Editor, (await AccessAsync(world, World.Project)).RoleOf("Ines"));
            await Archiving.RestoredAsync(world, parts, Archiving.Id(2));
            Assert.Equal([KeyValuePair.Create("Ada", Role.Owner)], (await AccessAsync(world, Archiving.Id(2))).Users);
            var withAccess = new RestoreRequest("With access", WithAccess: true, Replace: true, Digest: null);
            await Archiving.RestoredAsync(world, parts, World.Project, withAccess);
            await Archiving.RestoredAsync(world, parts, Archiving.Id(3), withAccess);

            foreach (var project in new[] { World.Project, Archiving.Id(3) })
            {
                Assert.Equal([KeyValuePair.Create(Archiving.Owner, Role.Owner)], (await AccessAsync(world, project)).Users);
            }

            var listed = await world.Catalog.ListAsync(Archiving.Owner, CancellationToken.None);
            Assert.Equal(["Office move", "With access"], listed.Select(static project => project.Name));
        });

    [Fact]
    public void Only_an_administrator_restores_and_only_an_owner_or_an_administrator_gets_an_archive() =>
        Archiving.Play(async world =>
        {
            var administration = world.ArchivesOf(0, Archiving.Options);
            Assert.IsType<ArchiveResult.NotAllowed>(await administration.BeginUploadAsync(Archiving.Owner, Archiving.Id(2), default));
            Assert.IsType<ArchiveResult.NotAllowed>(
                await administration.RestoreAsync(Archiving.Owner, World.Project, "any", new RestoreRequest(null, false, true, null), default)
            );
            Assert.IsType<ArchiveResult.NotAllowed>(await administration.BeginAsync("Hugo", World.Project, default));
            await world.GrantAsync(0, user: null, Role.None);
            Assert.IsType<ArchiveResult.NotFound>(await administration.BeginAsync("Hugo", World.Project, default));
            Assert.IsType<ArchiveResult.NotFound>(await administration.BeginAsync("Hugo", Archiving.Id(9), default));

            var made = Archiving.Status(await administration.BeginAsync(Archiving.Administrator, World.Project, default));

            Assert.IsType<ArchiveResult.NotFound>(await administration.ReadPartAsync("Hugo", World.Project, made.Name, 1, default));
            Assert.IsType<ArchiveResult.NotFound>(await administration.ReadPartAsync(Archiving.Owner, Archiving.Id(9), made.Name, 1, default));
            Assert.IsType<ArchiveResult.Part>(await administration.ReadPartAsync(Archiving.Owner, World.Project, made.Name, 1, default));
        });

    [Fact]
    public void A_project_in_quarantine_can_be_saved_and_is_mended_by_a_restore() =>
        Archiving.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo", instance: 1);
            await one.RenameAsync(3, "good");
            await PoisonAsync(world);
            await one.DeliverAsync(50, Rename("refused"));
            await one.DeliverAsync(50, Rename("refused"));
            Assert.Equal([2], world.Observer.Quarantined);

            var revision = await Archiving.RestoredAsync(world, await Archiving.ArchiveAsync(world), World.Project);
            Assert.Equal(2 + Gap, revision);
            var two = await world.JoinAsync("Ines", instance: 1);
            await two.RenameAsync(1, "goes on");

            Assert.Equal("good", await Name(world, "Ines"));
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
                    // The caller gets 503 and retries.
                }
            }

            Assert.Equal(Gap, Assert.IsType<ArchiveResult.Restored>(result).Revision);
            Assert.Equal(Gap, (await Archiving.HeadAsync(world, World.Project)).Revision);
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
            Assert.NotEmpty(await KeysAsync(world, Archiving.Id(2)));

            Assert.IsType<ArchiveResult.Done>(await administration.RemoveUploadAsync(Archiving.Administrator, Archiving.Id(2), upload!, default));

            Assert.Empty(await KeysAsync(world, Archiving.Id(2)));
        });

    [Fact]
    public void A_compaction_removes_what_was_logged_before() =>
        Archiving.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            await one.RenameAsync(3, "before");
            await Archiving.RestoredAsync(world, await Archiving.ArchiveAsync(world), World.Project);

            await world.CompactAsync(new RetentionOptions());

            Assert.DoesNotContain(await KeysAsync(world, World.Project), static key => key.StartsWith("c-", StringComparison.Ordinal));
            Assert.Equal("before", await Name(world, "Hugo"));
        });

    private static string Rename(string name) =>
        $$$$"""{"command":"project_change","data":{"project":1,"revisions":[{"revision":"local-9","changes":{"tasks":{"updated":[{"id":3,"name":"{{{{name}}}}"}]}}}]}}""";

    private static async Task<string?> Name(World world, string user)
    {
        var served = await Archiving.ServedAsync(world, user, World.Project);
        return served.GetProperty("tasksData").EnumerateArray().Single(static task => task.GetProperty("id").ToString() is "3").GetProperty("name").GetString();
    }

    private static async Task<AccessList> AccessAsync(World world, ProjectId project) =>
        (await new ProjectLog(world.Store, project).ReadAccessAsync(CancellationToken.None)).List;

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

    private static async Task<List<string>> KeysAsync(World world, ProjectId project)
    {
        var keys = new List<string>();
        await foreach (
            var row in world.Store.QueryAsync(TableName.Data, project.Key, new RowRange("!", "~"), limit: null, CancellationToken.None)
        )
        {
            keys.Add(row.RowKey);
        }

        return keys;
    }
}
