using System.Text.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Storage;
using ServerlessSync.Core.Tests.Engine;
using ServerlessSync.Core.Tests.History;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Golden;

public sealed class Stored_projects
{
    // Connection ids of these tests start over, and must not be confused with those in the log.
    private const int ConnectionsOfThen = 10;

    public static TheoryData<string> All => [.. StoredProject.Names()];

    [Theory]
    [MemberData(nameof(All))]
    public void Open_with_the_dataset_that_is_written_down(string name) =>
        Open(
            name,
            async world =>
            {
                var dataset = DatasetOf(await world.JoinAsync("Ines"));
                if (Environment.GetEnvironmentVariable("SYNC_GOLDEN_WRITE") == "1")
                {
                    StoredProject.WriteDataset(name, dataset);
                }

                Assert.Equal(StoredProject.DatasetOf(name), dataset);
                Assert.IsType<DatasetResult.Parsed>(Dataset.Parse(System.Text.Encoding.UTF8.GetBytes(dataset)));
                Assert.Equal(dataset, await ExportAsync(world));
            }
        );

    [Theory]
    [MemberData(nameof(All))]
    public void Go_on_from_there_whoever_loads_them_and_when(string name) =>
        Open(
            name,
            async world =>
            {
                var one = await world.JoinAsync("Ines");
                var before = DatasetOf(one);
                await one.ChangeAsync("""{"project":{"edited":1}}""");
                await one.ChangeAsync("""{"tasks":{"added":[{"$PhantomId":"_generatedT_z","name":"last"}]}}""");
                await one.LoadAsync();
                var shown = DatasetOf(one);
                await world.RestartAsync(0);

                Assert.StartsWith(before[..before.IndexOf("\"resourcesData\"", StringComparison.Ordinal)][..^3], shown, StringComparison.Ordinal);
                Assert.Equal(shown, DatasetOf(await world.JoinAsync("Jo")));
                Assert.Equal(shown, await ExportAsync(world));
            }
        );

    [Fact]
    public void Keep_the_keys_of_their_rows() =>
        Assert.All(
            StoredProject.Keys(),
            static pair =>
            {
                using var document = JsonDocument.Parse(pair.Id);
                Assert.True(JsonId.TryRead(document.RootElement, out var id));
                Assert.Equal(pair.Key, id.ToKey());
                Assert.True(JsonId.TryRead(JsonDocument.Parse(id.ToJson()).RootElement, out var again));
                Assert.Equal(pair.Key, again.ToKey());
            }
        );

    [Fact]
    public void Are_repaired_in_sight_of_the_operator_until_a_revision_holds_the_repair() =>
        Open(
            "twins-imported",
            async world =>
            {
                var one = await world.JoinAsync("Ines");
                string[] renamed =
                [
                    """dependencies "1" as "dependencies-renamed-1" """.TrimEnd(),
                    """resources "1.5" as "resources-renamed-1" """.TrimEnd(),
                    """tasks "1" as "tasks-renamed-1" """.TrimEnd(),
                    """tasks 2 as "tasks-renamed-2" """.TrimEnd(),
                    """versions "1" as "versions-renamed-1" """.TrimEnd(),
                ];
                Assert.Equal(renamed, Told(world));

                await world.RestartAsync(0);
                one = await world.JoinAsync("Ines");
                Assert.Equal(2 * 5, Told(world).Count);

                await one.ChangeAsync("""{"tasks":{"updated":[{"id":"1","name":"by either type"}]}}""");
                await world.RestartAsync(0);
                var two = await world.JoinAsync("Jo");
                Assert.Equal(2 * 5, Told(world).Count);
                Assert.Contains("""{"id":1,"name":"by either type","children":[{"id":"tasks-renamed-1",""", DatasetOf(two), StringComparison.Ordinal);
            }
        );

    [Fact]
    public void Are_refused_by_code_that_would_take_a_repair_for_something_else() =>
        Open(
            "twins-added",
            async world =>
            {
                var one = await world.JoinAsync("Ines");
                await one.ChangeAsync("""{"tasks":{"updated":[{"id":2,"name":"x"}]}}""");
                await one.ChangeAsync("""{"tasks":{"updated":[{"id":2,"name":"y"}]}}""");
                await one.ChangeAsync("""{"tasks":{"updated":[{"id":"2","name":"z"}]}}""");

                Assert.Equal([1, 1, 1, 1, 3, 1, 3], await FormatsAsync(world));
            }
        );

    [Fact]
    public void Are_repaired_anew_by_a_reset_to_a_base_that_no_client_could_load() =>
        Open(
            "prototype-names",
            async world =>
            {
                var one = await world.JoinAsync("Ines");
                var repaired = DatasetOf(one);
                await one.ChangeAsync("""{"tasks":{"removed":[{"id":"tasks-renamed-1"}]}}""");
                await one.ResetAsync();

                Assert.Equal(
                    repaired.Replace(",{\"id\":\"tasks-renamed-2\",\"name\":\"i\"}", string.Empty, StringComparison.Ordinal),
                    DatasetOf(one)
                );
                await world.RestartAsync(0);
                Assert.Equal(DatasetOf(one), DatasetOf(await world.JoinAsync("Jo")));
                Assert.Equal([1, 3, 3], await FormatsAsync(world));
            }
        );

    [Fact]
    public void Are_folded_as_they_were_decided_even_between_newer_commits() =>
        Open(
            "links-across-types",
            async world =>
            {
                var one = await world.JoinAsync("Ines");
                await one.ChangeAsync("""{"tasks":{"updated":[{"id":"2","name":"taken"}]}}""");
                await AppendAsOlderCodeAsync(world, """{"tasks":{"updated":[{"id":"2","name":"not taken"}],"removed":[{"id":3}]}}""");
                await one.ChangeAsync("""{"tasks":{"updated":[{"id":"1","name":"taken as well"}]}}""");
                await one.LoadAsync();

                var tasks = JsonDocument.Parse(DatasetOf(one)).RootElement.GetProperty("tasksData").GetRawText();
                Assert.Equal(
                    """[{"id":1,"name":"taken as well"},{"id":2,"name":"taken"},{"id":"3","name":"c"},{"id":"tasks-3","name":"new"}]""",
                    tasks
                );
                await world.RestartAsync(0);
                Assert.Equal(DatasetOf(one), DatasetOf(await world.JoinAsync("Jo")));
            }
        );

    [Fact]
    public void Are_not_read_by_a_rule_that_this_version_does_not_know() =>
        VirtualTime.Run(time =>
            new World(time).RunAsync(async world =>
            {
                var one = await world.JoinAsync("Ines");
                await one.RenameAsync(1, "x");
                var key = RowKeys.Commit(1);
                var row = (await world.Store.GetAsync(TableName.Data, World.Project.Key, key, CancellationToken.None))!;
                Assert.Equal((long)IdentityRule.ByForm, row.GetInt64("identity"));
                var newer = new TableRow(
                    row.PartitionKey,
                    row.RowKey,
                    row.ETag,
                    new Dictionary<string, TableValue>(row.Properties, StringComparer.Ordinal) { ["identity"] = 2 }
                );

                Assert.Throws<NewerFormatException>(() => CommitCodec.FromRows([newer]));
            })
        );

    private static void Open(string name, Func<World, Task> scenario) =>
        VirtualTime.Run(async time =>
        {
            var world = new World(time);
            await StoredProject.PutAsync(world.Store, name);
            for (var connection = 0; connection < ConnectionsOfThen; connection++)
            {
                world.Open("then");
            }

            await scenario(world);
            await world.RestartAsync(0);
            Assert.Empty(world.Observer.Quarantined);
            Assert.Empty(world.Observer.Failures);
        });

    private static string DatasetOf(TestClient client) => client.LastDataset.GetProperty("dataset").GetRawText();

    private static List<string> Told(World world) =>
        [.. world.Observer.Repaired.Select(static record => $"{record.Store} {record.From} as {record.To}")];

    private static async Task<string> ExportAsync(World world)
    {
        await world.GrantAsync(0, Past.Owner, Role.Owner);
        var exported = await world.AdministrationOf(0).ExportAsync(
            Past.Owner,
            World.Project,
            (await Past.HeadAsync(world)).Revision,
            CancellationToken.None
        );
        return System.Text.Encoding.UTF8.GetString(Assert.IsType<AdministrationResult.Exported>(exported).Dataset.Span);
    }

    private static async Task<List<long>> FormatsAsync(World world)
    {
        var formats = new List<long>();
        await foreach (
            var row in world.Store.QueryAsync(TableName.Data, World.Project.Key, RowRange.Prefix("c-"), null, CancellationToken.None)
        )
        {
            formats.Add(row.GetInt64("format")!.Value);
        }

        return formats;
    }

    /// <summary>Commits like an instance of the previous release, which knows one rule and states none.</summary>
    private static async Task AppendAsOlderCodeAsync(World world, string changes)
    {
        var log = new ProjectLog(world.Store, World.Project);
        var head = (await log.ReadHeadAsync(CancellationToken.None))!;
        var entry = new LogEntry(
            head.Value.Revision + 1,
            EntryKind.Change,
            new Origin("Old", new ConnectionId("old"), 1),
            "\"local-1\"",
            Client: null,
            Session: null,
            ConflictResolutionFor: null,
            System.Text.Encoding.UTF8.GetBytes(changes),
            Cut: false
        );
        var commit = new Commit("old", world.Time.GetUtcNow(), [entry]);
        Assert.NotNull(
            await log.WriteAsync(head, head.Value with { Revision = entry.Revision }, commit, CancellationToken.None)
        );
    }
}
