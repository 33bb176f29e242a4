using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Storage;
using ServerlessSync.Simulation.Cluster;

namespace ServerlessSync.Simulation.Checks;

/// <summary>
/// What must be stored of projects that were created, shared and deleted: an existing project completely, only the tombstone of a deleted one, nothing of
/// one that was never created. Lists must agree.
/// </summary>
internal static class SideProjectChecks
{
    private static readonly RowRange Everything = new("!", "\u007f");

    public static async Task RunAsync(World world)
    {
        if (world.Scenario.HasArchives)
        {
            // Expiring the uploads also removes what abandoned restores stored.
            await world.Cluster.Pick()!.Archives.ExpireAsync(CancellationToken.None);
        }

        // The first sweep finishes the jobs of dead instances, the second one handles late requests, the third one must find nothing to do.
        for (var round = 0; round < 3; round++)
        {
            await world.Cluster.Pick()!.SweepAsync();
            await Task.Delay(Scenario.JobsAbandonedAfter + TimeSpan.FromSeconds(2), world.Time);
        }

        if (await world.Cluster.Pick()!.SweepAsync() is { Jobs: > 0 } left)
        {
            world.Violate("P8 bounded", $"jobs are left after three sweeps: {left}");
        }

        foreach (var project in world.SideProjects.All)
        {
            await CheckAsync(world, project);
        }
    }

    private static async Task CheckAsync(World world, ProjectId project)
    {
        var log = new ProjectLog(world.Vault, project);
        var head = await log.ReadHeadAsync(CancellationToken.None);
        var rows = await KeysAsync(world, TableName.Data, project.Key, static _ => true);
        var listed = new List<string>();
        foreach (var partition in ListingPlace.Partitions)
        {
            listed.AddRange(
                await KeysAsync(world, TableName.Projects, partition, row => row.RowKey.EndsWith($"-{project.Key}", StringComparison.Ordinal) || row.RowKey == project.Key)
            );
        }

        if (head is not { Value.IsDeleted: false })
        {
            var tombstone = head is null ? string.Empty : RowKeys.Head;
            if (string.Join(' ', rows) != tombstone || listed.Count > 0 || head is { Value.IsPurged: false })
            {
                world.Violate("P1 total order", $"{project} does not exist, but these rows are left: {string.Join(' ', rows.Concat(listed))}");
            }

            return;
        }

        if (world.SideProjects.IsToldDeleted(project))
        {
            world.Violate("P1 total order", $"{project} exists, although its deletion was confirmed");
        }

        if (await log.ReadPayloadAsync(head.Value.BaseKey, CancellationToken.None) is null || !IsWhole(world, project, rows))
        {
            world.Violate("P8 no surprises", $"{project} has not exactly its own rows: {string.Join(' ', rows)}");
        }

        await CheckListsAsync(world, project, (await log.ReadAccessAsync(CancellationToken.None)).List, listed);
    }

    private static async Task CheckListsAsync(World world, ProjectId project, AccessList access, List<string> listed)
    {
        var right = access
            .Users.Select(grant => ListingPlace.Of(grant.Key, project, grant.Value == Role.Owner).Key)
            .Concat(access.Everyone > Role.None ? [project.Key] : []);
        if (!right.Order(StringComparer.Ordinal).SequenceEqual(listed.Order(StringComparer.Ordinal)))
        {
            world.Violate("P7 isolation", $"{project} of {access.ToJson()} is listed as {string.Join(' ', listed)}");
        }

        var catalog = new ProjectCatalog(world.Vault, new Support.Time.SeededIds(1));
        foreach (var person in SideProjects.People)
        {
            var list = await catalog.ListAsync(person, CancellationToken.None);
            if (list.Any(item => item.Project == project) != access.RoleOf(person) > Role.None)
            {
                world.Violate("P7 isolation", $"{project} of {access.ToJson()} is not listed right for {person}");
            }
        }
    }

    /// <summary>Exactly one base and one content: creations that lost leave nothing. A restore from an archive keeps the rows that it replaces.</summary>
    private static bool IsWhole(World world, ProjectId project, List<string> rows) =>
        world.Vault.Ledger.Of(project).Periods is [{ Anchor: 0 }] ? rows.Count(IsPayload) == 2 : rows.Count(IsPayload) >= 2;

    private static bool IsPayload(string key) =>
        key.StartsWith("b-", StringComparison.Ordinal) || key.StartsWith("v-", StringComparison.Ordinal);

    private static async Task<List<string>> KeysAsync(World world, TableName table, string partition, Func<TableRow, bool> isMeant)
    {
        var keys = new List<string>();
        await foreach (var row in world.Vault.QueryAsync(table, partition, Everything, limit: null, CancellationToken.None))
        {
            if (isMeant(row))
            {
                keys.Add(row.RowKey);
            }
        }

        return keys;
    }
}
