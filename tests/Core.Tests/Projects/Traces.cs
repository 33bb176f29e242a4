using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Storage;
using ServerlessSync.Core.Tests.Engine;

namespace ServerlessSync.Core.Tests.Projects;

/// <summary>The stored rows of a project, in every table, and helpers for tests of whole projects.</summary>
internal static class Traces
{
    public static readonly ProjectId Project = new(JsonId.Of(7));

    private static readonly byte[] Plan = """
        {"tasksData":[{"id":1,"name":"Plan"}],"versionsData":[{"id":1,"name":"First","content":{"a":1}}]}
        """u8.ToArray();

    private static readonly RowRange Everything = new("!", "\u007f");

    public static Task<AdministrationResult> CreateAsync(World world, string user = "Hugo", int instance = 0, string name = "Office move") =>
        world.AdministrationOf(instance).CreateAsync(user, Project.Id, name, Plan, CancellationToken.None);

    public static Task<AdministrationResult> DeleteAsync(World world, string user = "Hugo", int instance = 0) =>
        world.AdministrationOf(instance).DeleteAsync(user, Project, CancellationToken.None);

    public static Task<AdministrationResult> GrantAsync(World world, string? grantee, Role role, int instance = 0, string user = "Hugo") =>
        world.AdministrationOf(instance).GrantAsync(user, Project, grantee, role, CancellationToken.None);

    /// <summary>The projects that a user sees, except the one that every world has.</summary>
    public static async Task<IReadOnlyList<string>> ListAsync(World world, string user) =>
        [
            .. (await world.Catalog.ListAsync(user, CancellationToken.None))
                .Where(static project => project.Project != World.Project)
                .Select(static project => $"{project.Project} {project.Name}"),
        ];

    /// <summary>Every row of the project, by table and key, except those about unfinished work.</summary>
    public static async Task<List<string>> OfProjectAsync(World world)
    {
        var found = new List<string>();
        await foreach (var row in QueryAsync(world, TableName.Data, Project.Key))
        {
            found.Add($"data {row.RowKey}");
        }

        foreach (var partition in ListingPlace.Partitions.Append("projects"))
        {
            await foreach (var row in QueryAsync(world, TableName.Projects, partition))
            {
                if (row.RowKey.EndsWith(Project.Key, StringComparison.Ordinal))
                {
                    found.Add($"projects {partition} {row.GetString("user") ?? row.GetString("name")}");
                }
            }
        }

        return found;
    }

    public static async Task<int> JobsAsync(World world)
    {
        var count = 0;
        await foreach (var _ in QueryAsync(world, TableName.Due, "jobs"))
        {
            count++;
        }

        return count;
    }

    public static async Task AssertTombstoneAloneAsync(World world)
    {
        Assert.Equal(["data head"], await OfProjectAsync(world));
        var head = (await new ProjectLog(world.Store, Project).ReadHeadAsync(CancellationToken.None))!.Value;
        Assert.True(head is { IsDeleted: true, IsPurged: true, BaseKey: "", LeaseOwner: "" });
    }

    /// <summary>Sweeps until nothing is left to do, with enough time between sweeps for everything in flight to arrive.</summary>
    public static async Task SweepUpAsync(World world, int instance = 0)
    {
        for (var round = 0; round < 3; round++)
        {
            await world.SweepAsync(instance);
            await world.Time.PassAsync(TimeSpan.FromMinutes(16));
        }

        Assert.Equal(0, (await world.SweepAsync(instance)).Jobs);
    }

    private static IAsyncEnumerable<TableRow> QueryAsync(World world, TableName table, string partition) =>
        world.Store.QueryAsync(table, partition, Everything, limit: null, CancellationToken.None);
}
