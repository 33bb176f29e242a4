using System.Security.Cryptography;
using System.Text;
using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Storage;
using ServerlessSync.Core.Tests.Engine;
using ServerlessSync.Core.Tests.Presence;
using ServerlessSync.Protocol;
using ServerlessSync.Tables.Sqlite;

namespace ServerlessSync.Core.Tests.Archives;

public sealed class Taking_a_project_out_and_back
{
    private const string Session = "\"session\":\"page-1\"";

    [Fact]
    public void All_that_is_stored_comes_back_also_what_is_not_served() =>
        Archiving.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            await one.ChangeAsync(
                """{"versions":{"added":[{"$PhantomId":"_generatedV","name":"Second","content":{"is":["second",1.50]}}]},"tasks":{"removed":[{"id":"b"}]}}"""
            );
            await one.ChangeAsync("""{"tasks":{"added":[{"$PhantomId":"_generatedT","name":"New","parentId":1}]}}""");
            await one.SendAsync(Resent(1, "by a session"));
            var before = await Archiving.StoredAsync(world.Store, World.Project);
            Assert.Contains("second", before, StringComparison.Ordinal);
            Assert.Contains("_generatedT", before, StringComparison.Ordinal);
            Assert.Contains("\"d3\"", before, StringComparison.Ordinal);
            Assert.Contains("page-1:1", before, StringComparison.Ordinal);

            await Archiving.RestoredAsync(world, await Archiving.ArchiveAsync(world), Archiving.Id(2));

            Assert.Equal(before, await Archiving.StoredAsync(world.Store, Archiving.Id(2)));
        });

    [Fact]
    public void A_link_that_was_switched_off_for_a_circle_is_on_again_when_the_circle_is_opened() =>
        Archiving.Play(async world =>
        {
            Assert.Equal("false", await ActiveAsync(world, World.Project));

            await Archiving.RestoredAsync(world, await Archiving.ArchiveAsync(world), World.Project);
            Assert.Equal("false", await ActiveAsync(world, World.Project));
            var one = await world.JoinAsync("Hugo");
            await one.ChangeAsync("""{"dependencies":{"removed":[{"id":"d1"}]}}""");

            Assert.Equal(string.Empty, await ActiveAsync(world, World.Project));
        });

    [Fact]
    public void A_link_to_what_was_not_there_shows_when_that_comes() =>
        Archiving.Play(async world =>
        {
            await Archiving.RestoredAsync(world, await Archiving.ArchiveAsync(world), World.Project);
            var one = await world.JoinAsync("Hugo");

            await one.ChangeAsync("""{"resources":{"added":[{"id":"gone","name":"Back"}]}}""");

            var served = await Archiving.ServedAsync(world, Archiving.Owner, World.Project);
            Assert.Equal(2, served.GetProperty("assignmentsData").GetArrayLength());
        });

    [Fact]
    public void A_reset_goes_back_to_what_it_went_back_to() =>
        Archiving.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            await one.RenameAsync(3, "changed");
            await Archiving.RestoredAsync(world, await Archiving.ArchiveAsync(world), World.Project);
            var two = await world.JoinAsync("Ines");
            Assert.Equal("changed", NameOf(two));

            await two.ResetAsync();

            Assert.Equal("Move", NameOf(two));
        });

    [Fact]
    public void The_content_of_a_version_is_loaded_from_rows_of_its_own() =>
        Archiving.Play(async world =>
        {
            await Archiving.RestoredAsync(world, await Archiving.ArchiveAsync(world), Archiving.Id(2), CopyWithAccess());
            var one = world.Open("Hugo");
            await one.LoginAsync();
            await one.SendAsync("""{"command":"dataset","data":{"project":2}}""");
            await world.AdministrationOf(0).DeleteAsync(Archiving.Owner, World.Project, CancellationToken.None);

            var reply = await one.SendAsync("""{"command":"load_version_content","data":{"project":2,"versionId":"v1"}}""");

            Assert.Contains("\"is\":\"first\"", TestClient.Body(reply), StringComparison.Ordinal);
        });

    [Fact]
    public void A_record_that_its_author_adds_again_gets_the_id_that_it_got_before() =>
        Archiving.Play(async world =>
        {
            const string Add = """{"tasks":{"added":[{"$PhantomId":"_generatedT","name":"New"}]}}""";
            var one = await world.JoinAsync("Hugo");
            await one.ChangeAsync(Add);
            await Archiving.RestoredAsync(world, await Archiving.ArchiveAsync(world), World.Project);
            var again = await world.JoinAsync("Hugo");

            await again.ChangeAsync(Add);

            var added = again.Revisions[^1].GetProperty("changes").GetProperty("tasks").GetProperty("added")[0];
            Assert.Equal("tasks-1", added.GetProperty("id").GetString());
        });

    [Fact]
    public void What_a_page_session_sends_again_is_not_applied_again() =>
        Archiving.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            await one.SendAsync(Resent(1, "once"));
            var revision = await Archiving.RestoredAsync(world, await Archiving.ArchiveAsync(world), World.Project);
            var again = await world.JoinAsync("Hugo");

            await again.SendAsync(Resent(revision, "twice"));

            Assert.Equal(revision, (await Archiving.HeadAsync(world, World.Project)).Revision);
            Assert.Equal("local-1", again.Revisions[^1].GetProperty("localRevision").GetString());
        });

    [Fact]
    public void Requests_that_have_little_time_go_on_where_the_one_before_stopped() =>
        Archiving.Play(async world =>
        {
            var hasty = Archiving.Options with { WorkTime = TimeSpan.Zero };
            var one = await world.JoinAsync("Hugo");
            for (var version = 0; version < 5; version++)
            {
                await one.ChangeAsync($$$"""{"versions":{"added":[{"$PhantomId":"_generated{{{version}}}","content":{"n":{{{version}}} } }]}}""");
            }

            var before = await Archiving.StoredAsync(world.Store, World.Project);
            var parts = await Archiving.ArchiveAsync(world, hasty);

            Assert.Equal(6, parts.Count);
            Assert.IsType<ArchiveResult.Restored>(await Archiving.RestoreAsync(world, parts, Archiving.Id(2), options: hasty));
            Assert.Equal(before, await Archiving.StoredAsync(world.Store, Archiving.Id(2)));
        });

    [Fact]
    public void What_does_not_fit_one_part_goes_into_several() =>
        Archiving.Play(async world =>
        {
            // Random texts cannot be compressed; the contents are sent in one message each.
            for (var version = 0; version < 14; version++)
            {
                var one = await world.JoinAsync("Hugo");
                var text = Convert.ToBase64String(RandomNumberGenerator.GetBytes(600_000));
                await one.ChangeAsync($$$"""{"versions":{"added":[{"$PhantomId":"_generated{{{version}}}","content":"{{{text}}}"}]}}""");
            }

            var before = await Archiving.StoredAsync(world.Store, World.Project);
            var parts = await Archiving.ArchiveAsync(world);

            Assert.Equal(2, parts.Count);
            Assert.Equal(ArchiveLimits.PartBytesMax, parts[0].Length);
            await Archiving.RestoredAsync(world, parts, Archiving.Id(2));
            Assert.Equal(before, await Archiving.StoredAsync(world.Store, Archiving.Id(2)));
        });

    [Fact]
    public void A_content_whose_rows_were_lost_costs_nothing_but_itself() =>
        Archiving.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            await one.ChangeAsync("""{"versions":{"added":[{"$PhantomId":"_generatedV","content":{"is":"second"}}]}}""");
            await LoseAsync(world.Store, "v-sv1");
            var before = await Archiving.StoredAsync(world.Store, World.Project);
            Assert.Contains("lost", before, StringComparison.Ordinal);

            await Archiving.RestoredAsync(world, await Archiving.ArchiveAsync(world), Archiving.Id(2));

            Assert.Equal(before, await Archiving.StoredAsync(world.Store, Archiving.Id(2)));
        });

    [Fact]
    public void Nothing_of_an_archive_is_left_when_it_is_removed_or_its_time_is_over() =>
        Archiving.Play(async world =>
        {
            var administration = world.ArchivesOf(0, Archiving.Options with { KeptFor = TimeSpan.FromMinutes(10) });
            var kept = Archiving.Status(await administration.BeginAsync(Archiving.Owner, World.Project, CancellationToken.None));
            var parts = await Archiving.ArchiveAsync(world);
            var (upload, _) = await Archiving.UploadAsync(administration, parts, Archiving.Id(2));
            Assert.Equal(0, await administration.ExpireAsync(CancellationToken.None));

            await world.Time.PassAsync(TimeSpan.FromMinutes(11));
            Assert.IsType<ArchiveResult.NotFound>(
                await administration.DescribeAsync(Archiving.Owner, World.Project, kept.Name, CancellationToken.None)
            );
            Assert.Equal(2, await administration.ExpireAsync(CancellationToken.None));

            Assert.Empty(await RowsAsync(world.Store, TableName.Data, $"archive-{kept.Name}"));
            Assert.Empty(await RowsAsync(world.Store, TableName.Data, $"archive-{upload}"));
            Assert.Empty(await RowsAsync(world.Store, TableName.Projects, "archives"));
        });

    [Fact]
    public async Task It_works_on_a_file_as_well()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            await using var store = new SqliteTableStore(Path.Combine(folder.FullName, "sync.db"));
            var services = new EngineDependencies(
                store,
                new Engine.FakeGateway(TimeProvider.System),
                new BryntumDialect(),
                TimeProvider.System,
                new SeededIds(1),
                SilentObserver.Instance
            );
            var sequencers = new SequencerRegistry(services, new SequencerOptions { StateBytesMax = 1 << 28 });
            var catalog = new ProjectCatalog(store, services.Ids);
            var dataset = Encoding.UTF8.GetBytes(Archiving.Everything);
            await catalog.CreateAsync(World.Project, "Move", dataset, AccessList.Empty.With(Archiving.Owner, Role.Owner), TestContext.Current.CancellationToken);
            var administration = new ArchiveAdministration(services, sequencers, Archiving.Options);
            var status = Archiving.Status(await administration.BeginAsync(Archiving.Owner, World.Project, TestContext.Current.CancellationToken));
            var part = await administration.ReadPartAsync(Archiving.Owner, World.Project, status.Name, 1, TestContext.Current.CancellationToken);
            var (upload, _) = await Archiving.UploadAsync(administration, [Assert.IsType<ArchiveResult.Part>(part).Bytes.ToArray()], Archiving.Id(2));
            var request = new RestoreRequest(Name: null, WithAccess: true, Replace: false, status.Digest);

            Assert.IsType<ArchiveResult.Restored>(
                await administration.RestoreAsync(Archiving.Administrator, Archiving.Id(2), upload!, request, TestContext.Current.CancellationToken)
            );

            Assert.Equal(await Archiving.StoredAsync(store, World.Project), await Archiving.StoredAsync(store, Archiving.Id(2)));
            await sequencers.DrainAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static RestoreRequest CopyWithAccess() => new(Name: "Copy", WithAccess: true, Replace: false, Digest: null);

    private static string Resent(long datasetRevision, string name) =>
        $$$$"""{"command":"project_change","data":{"project":1,{{{{Session}}}},"datasetRevision":{{{{datasetRevision}}}},"revisions":[{"revision":"local-1","changes":{"tasks":{"updated":[{"id":3,"name":"{{{{name}}}}"}]}}}]}}""";

    private static string? NameOf(TestClient client) =>
        client.LastDataset.GetProperty("dataset").GetProperty("tasksData").EnumerateArray().Single(static task => task.GetProperty("id").ToString() is "3").GetProperty("name").GetString();

    /// <summary>The field <c>active</c> of the second link as served; nothing when it is absent.</summary>
    private static async Task<string> ActiveAsync(World world, ProjectId project)
    {
        var served = await Archiving.ServedAsync(world, Archiving.Owner, project);
        var link = served.GetProperty("dependenciesData").EnumerateArray().Single(static link => link.GetProperty("id").GetString() is "d2");
        return link.TryGetProperty("active", out var active) ? active.GetRawText() : string.Empty;
    }

    private static async Task LoseAsync(ITableStore store, string prefix)
    {
        foreach (var row in await RowsAsync(store, TableName.Data, World.Project.Key, prefix))
        {
            await store.SubmitAsync(
                TableName.Data,
                World.Project.Key,
                [new TableAction.Delete(row.RowKey, IfMatch: null)],
                CancellationToken.None
            );
        }
    }

    private static async Task<List<TableRow>> RowsAsync(ITableStore store, TableName table, string partition, string? prefix = null)
    {
        var rows = new List<TableRow>();
        var range = prefix is null ? new RowRange("!", "~") : RowRange.Prefix(prefix);
        await foreach (var row in store.QueryAsync(table, partition, range, limit: null, CancellationToken.None))
        {
            rows.Add(row);
        }

        return rows;
    }
}
