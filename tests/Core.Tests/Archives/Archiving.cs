using System.Text;
using System.Text.Json;
using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Datasets.Snapshots;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.State;
using ServerlessSync.Core.Storage;
using ServerlessSync.Core.Tests.Engine;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Archives;

/// <summary>Shared by the tests of archives: an owner, an administrator, export and import.</summary>
internal static class Archiving
{
    /// <summary>By how much the numbers of a restored project lie above those of before.</summary>
    public const long Gap = 1_000_000;
    public const string Reset = """{"command":"reset","data":{"project":1}}""";

    public const string Owner = "Olga";
    public const string Administrator = "Ada";

    /// <summary>
    /// A link to a missing task, an assignment of a missing resource, two links that form a cycle, a calendar, two versions with
    /// content, one stated position among unstated ones, and texts that must not be altered.
    /// </summary>
    public const string Everything = """
        {"tasksData":[{"id":1,"name":"Plan \u00e9","startDate":"2027-04-05","n":1.50,"orderedParentIndex":7,"children":[{"id":2,"name":"Measure"},{"id":"b","effort":1e2}]},
        {"id":3,"name":"Move","parentIndex":4}],"resourcesData":[{"id":"r1","name":"Rita","children":[{"id":"r2"}]}],
        "dependenciesData":[{"id":"d1","from":2,"to":3},{"id":"d2","from":3,"to":2},{"id":"d3","from":2,"to":99}],
        "assignmentsData":[{"id":"a1","event":2,"resource":"gone"},{"id":"a2","event":3,"resource":"r1"}],
        "calendarsData":[{"id":"c1","intervals":[{"id":"i1","recurrentStartDate":"at 17:00","isWorking":false}]}],
        "versionsData":[{"id":"v1","name":"First","content":{"is":"first"}},{"id":"v2","name":"Empty"}],
        "timeRangesData":[{"id":"t","name":"Freeze"}],"project":{"startDate":"2027-04-05","calendar":"c1"}}
        """;

    public static ProjectId Id(int number) => new(JsonId.Of(number));

    public static ArchiveOptions Options { get; } = new() { IsAdministrator = static user => user is Administrator };

    /// <summary>Runs a scenario with an owner on two instances.</summary>
    public static void Play(Func<World, Task> scenario, string dataset = Everything, SequencerOptions? options = null) =>
        VirtualTime.Run(time =>
            new World(time, instanceCount: 2, options).RunAsync(
                async world =>
                {
                    await world.GrantAsync(0, Owner, Role.Owner);
                    await scenario(world);
                },
                dataset
            )
        );

    /// <summary>The parts of the archive of project 1, as fetched by its owner.</summary>
    public static async Task<List<byte[]>> ArchiveAsync(World world, ArchiveOptions? options = null)
    {
        var administration = world.ArchivesOf(0, options ?? Options);
        var status = Status(await administration.BeginAsync(Owner, World.Project, CancellationToken.None));
        while (!status.IsComplete)
        {
            status = Status(await administration.ContinueAsync(Owner, World.Project, status.Name, CancellationToken.None));
        }

        var parts = new List<byte[]>();
        for (var number = 1; number <= status.Parts; number++)
        {
            var part = await administration.ReadPartAsync(Owner, World.Project, status.Name, number, CancellationToken.None);
            parts.Add(Assert.IsType<ArchiveResult.Part>(part).Bytes.ToArray());
        }

        Assert.IsType<ArchiveResult.Done>(await administration.RemoveAsync(Owner, World.Project, status.Name, CancellationToken.None));
        return parts;
    }

    /// <summary>Uploads parts and restores them; returns the final answer.</summary>
    public static async Task<ArchiveResult> RestoreAsync(
        World world,
        IReadOnlyList<byte[]> parts,
        ProjectId project,
        RestoreRequest? request = null,
        ArchiveOptions? options = null
    )
    {
        var administration = world.ArchivesOf(0, options ?? Options);
        var (name, refused) = await UploadAsync(administration, parts, project);
        if (name is null)
        {
            return refused!;
        }

        ArchiveResult result;
        do
        {
            result = await administration.RestoreAsync(
                Administrator,
                project,
                name,
                request ?? new RestoreRequest(Name: null, WithAccess: false, Replace: true, Digest: null),
                CancellationToken.None
            );
        } while (result is ArchiveResult.Described);

        return result;
    }

    public static async Task<long> RestoredAsync(World world, IReadOnlyList<byte[]> parts, ProjectId project, RestoreRequest? request = null) =>
        Assert.IsType<ArchiveResult.Restored>(await RestoreAsync(world, parts, project, request)).Revision;

    public static async Task<(string? Name, ArchiveResult? Refused)> UploadAsync(
        ArchiveAdministration administration,
        IReadOnlyList<byte[]> parts,
        ProjectId project
    )
    {
        var upload = Status(await administration.BeginUploadAsync(Administrator, project, CancellationToken.None));
        for (var part = 0; part < parts.Count; part++)
        {
            var taken = await administration.WritePartAsync(Administrator, project, upload.Name, part + 1, parts[part], CancellationToken.None);
            if (taken is not ArchiveResult.Done)
            {
                return (null, taken);
            }
        }

        return (upload.Name, null);
    }

    public static ArchiveStatus Status(ArchiveResult result) => Assert.IsType<ArchiveResult.Described>(result).Status;

    public static string Reason(ArchiveResult result) => Assert.IsType<ArchiveResult.Refused>(result).Reason;

    public static async Task<Head> HeadAsync(World world, ProjectId project) =>
        (await new ProjectLog(world.Store, project).ReadHeadAsync(CancellationToken.None))!.Value;

    /// <summary>
    /// Everything stored of a project except its numbers and row keys: state, deduplication state, base, and all contents.
    /// </summary>
    public static async Task<string> StoredAsync(ITableStore store, ProjectId project)
    {
        var log = new ProjectLog(store, project);
        var head = (await log.ReadHeadAsync(CancellationToken.None))!.Value;
        var state = StateSnapshot.Read((await log.ReadPayloadAsync(head.StateKey(), CancellationToken.None))!);
        await foreach (var commit in log.ReadCommitsAsync(state.Revision, head.Revision, CancellationToken.None))
        {
            state.Fold(commit, static _ => null);
        }

        state.Dataset.ForgetRemovedContents();
        var basis = StateSnapshot.Read((await log.ReadPayloadAsync(head.BaseKey, CancellationToken.None))!).Dataset;
        var stored = new StringBuilder();
        foreach (var dataset in new[] { basis, state.Dataset })
        {
            var text = Snapshot(dataset);
            foreach (var key in dataset.ContentKeys.Order(StringComparer.Ordinal))
            {
                var content = await log.ReadPayloadAsync(key, CancellationToken.None);
                text = text.Replace(key, content is null ? "lost" : Encoding.UTF8.GetString(content), StringComparison.Ordinal);
            }

            stored.AppendLine(text).AppendLine(Encoding.UTF8.GetString(dataset.ToClientJson().Span));
        }

        return stored.AppendJoin(',', state.Repeats.Sessions.Select(static session => $"{session.Session}:{session.Mark.Number}")).ToString();
    }

    public static async Task<JsonElement> ServedAsync(World world, string user, ProjectId project)
    {
        var exported = await world.AdministrationOf(0).ExportAsync(user, project, CancellationToken.None);
        using var document = JsonDocument.Parse(Assert.IsType<AdministrationResult.Exported>(exported).Dataset);
        return document.RootElement.Clone();
    }

    private static string Snapshot(Dataset dataset)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            dataset.WriteSnapshot(writer);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>The name of task 3, as a user is served it.</summary>
    public static async Task<string?> NameAsync(World world, string user)
    {
        var served = await ServedAsync(world, user, World.Project);
        return served.GetProperty("tasksData").EnumerateArray().Single(static task => task.GetProperty("id").ToString() is "3").GetProperty("name").GetString();
    }

    public static async Task<AccessList> AccessAsync(World world, ProjectId project) =>
        (await new ProjectLog(world.Store, project).ReadAccessAsync(CancellationToken.None)).List;

    /// <summary>The keys of all rows of a project.</summary>
    public static async Task<List<string>> KeysAsync(World world, ProjectId project)
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

    /// <summary>The frame of a page that renames task 3 of project 1.</summary>
    public static string Rename(string name) =>
        $$$$"""{"command":"project_change","data":{"project":1,"revisions":[{"revision":"local-9","changes":{"tasks":{"updated":[{"id":3,"name":"{{{{name}}}}"}]}}}]}}""";
}
