using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Maintenance;

/// <summary>
/// Goes through all projects, some at a time. How far it came is stored, so that a process that lives for a minute does not begin anew
/// with the first ones.
/// </summary>
internal sealed class CompactionCursor(ITableStore store)
{
    private const string Partition = "upkeep";
    private const string Row = "compaction";

    /// <summary>The next projects, in the order of their keys; after the last one it begins again.</summary>
    public async Task<IReadOnlyList<ProjectId>> NextAsync(int limit, CancellationToken cancellationToken)
    {
        var row = await store.GetAsync(TableName.Projects, Partition, Row, cancellationToken);
        var projects = await ProjectCatalog.ReadAsync(store, row?.GetString("after"), limit, cancellationToken);

        // Two walkers at the same time look at the same projects; that is no harm.
        var properties = new Dictionary<string, TableValue>(StringComparer.Ordinal)
        {
            ["format"] = 1,
            ["after"] = projects.Count == limit ? projects[^1].Key : string.Empty,
        };
        await store.SubmitAsync(TableName.Projects, Partition, [new TableAction.Upsert(Row, properties)], cancellationToken);
        return projects;
    }
}
