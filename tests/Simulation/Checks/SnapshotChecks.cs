using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;
using ServerlessSync.Simulation.Faults;

namespace ServerlessSync.Simulation.Checks;

/// <summary>
/// P8: the head names the newest snapshot that was finished, and superseded ones are removed. Checked after all engines have ended.
/// </summary>
internal static class SnapshotChecks
{
    /// <summary>Faults that can prevent an engine from removing a superseded snapshot.</summary>
    private static readonly FaultKind[] Excuses =
    [
        FaultKind.StoreRefused,
        FaultKind.StoreLostRequest,
        FaultKind.StoreLostAnswer,
        FaultKind.StoreLateRequest,
        FaultKind.InstanceDeath,
        FaultKind.InstanceFreeze,
        FaultKind.InstanceRestart,
    ];

    public static async Task RunAsync(World world)
    {
        foreach (var project in world.Projects)
        {
            CheckNamed(world, project);
            if (!Excuses.Any(kind => world.Faults.HaveStruck(kind)))
            {
                await CheckKeptAsync(world, project);
            }
        }
    }

    private static void CheckNamed(World world, ProjectId project)
    {
        var head = world.Vault.Ledger.Of(project).Head;
        var named = Math.Max(RevisionOf(head.SnapshotKey), RevisionOf(head.AnchorKey));
        var finished = world
            .Snapshots.Where(snapshot => snapshot.Project == project && world.Cluster.Instances.Any(instance => instance.Number == snapshot.Instance))
            .Select(static snapshot => snapshot.Revision)
            .DefaultIfEmpty()
            .Max();
        if (finished > named)
        {
            world.Violate("P8 bounded", $"a snapshot of {project} at {finished} was finished, but its head names the one at {named}");
        }
    }

    private static async Task CheckKeptAsync(World world, ProjectId project)
    {
        var kept = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var row in world.Vault.QueryAsync(TableName.Data, project.Key, RowRange.Prefix("s-"), null, CancellationToken.None))
        {
            if (row.GetInt64("rows") is not null)
            {
                kept.Add(row.RowKey);
            }
        }

        // The current one, the one before it, at most one that each instance finished in between, and the anchors of restores from archives
        // since: they go when a snapshot that follows them is superseded.
        var account = world.Vault.Ledger.Of(project);
        var restores = account.Periods.Count(static period => period.Anchor > 0);
        if (kept.Count > 2 + world.Scenario.Instances + restores)
        {
            var keys = string.Join(", ", kept.Order(StringComparer.Ordinal));
            world.Violate("P8 bounded", $"{project} keeps {kept.Count} snapshots: {keys}; its head names {account.Head.SnapshotKey}");
        }
    }

    private static long RevisionOf(string key) => key.Length > 0 ? RowKeys.RevisionOf(key) : 0;
}
