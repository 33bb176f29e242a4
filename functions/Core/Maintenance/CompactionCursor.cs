using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Maintenance;

/// <summary>
/// Enumerates all projects in portions. The position is stored, so that a short-lived process continues where the last
/// one stopped.
/// </summary>
internal sealed class CompactionCursor(ITableStore store)
{
    private const string Partition = "upkeep";
    private const string Row = "compaction";

    /// <summary>The next projects, in key order; it starts over after the last one.</summary>
    public async Task<IReadOnlyList<ProjectId>> NextAsync(int limit, CancellationToken cancellationToken)
    {
        var row = await store.GetAsync(TableName.Projects, Partition, Row, cancellationToken);
        var projects = await ProjectCatalog.ReadAsync(store, row?.GetString("after"), limit, cancellationToken);

        // Concurrent callers may get the same projects, which is harmless.
        var properties = new Dictionary<string, TableValue>(StringComparer.Ordinal)
        {
            ["format"] = 1,
            ["after"] = projects.Count == limit ? projects[^1].Key : string.Empty,
        };
        await store.SubmitAsync(TableName.Projects, Partition, [new TableAction.Upsert(Row, properties)], cancellationToken);
        return projects;
    }
}
