using System.Runtime.CompilerServices;
using System.Text.Json;
using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Projects;

/// <summary>Table <c>projects</c>: one row for each project there is, so that upkeep finds them all. Lists are elsewhere (<see cref="ListingRow"/>).</summary>
internal sealed class CatalogTable(ITableStore store)
{
    private const string Partition = "projects";
    private const long Format = 1;

    private static readonly OptimisticWrite Races = new();

    /// <summary>Keys begin with n or s (<see cref="JsonId.ToKey"/>).</summary>
    private static readonly RowRange Everything = new("n", "t");

    /// <summary>What the last release takes for a list that grants nothing.</summary>
    private static readonly string Nobody = AccessList.Nobody.ToJson();

    /// <summary>Writes or removes the row of a project as its state says, unless the row is newer.</summary>
    public Task WriteAsync(ListedState state, CancellationToken cancellationToken) =>
        Races.RunAsync(
            $"The catalogue's row of {state.Project}",
            async () =>
            {
                var key = state.Project.Key;
                var row = await store.GetAsync(TableName.Projects, Partition, key, cancellationToken);
                if (row is null ? !state.Exists : Read(row).Version > state.Version)
                {
                    return true;
                }

                TableAction action =
                    row is null ? new TableAction.Insert(key, ToProperties(state))
                    : state.Exists ? new TableAction.Replace(key, ToProperties(state), row.ETag)
                    : new TableAction.Delete(key, row.ETag);
                return await store.SubmitAsync(TableName.Projects, Partition, [action], cancellationToken) is TransactionResult.Committed;
            },
            cancellationToken
        );

    /// <summary>The name that the catalogue has for a project; null when it is not in it.</summary>
    public async Task<string?> FindNameAsync(ProjectId project, CancellationToken cancellationToken) =>
        (await store.GetAsync(TableName.Projects, Partition, project.Key, cancellationToken))?.GetString("name");

    /// <summary>Projects behind a key, or from the first one, in the order of their keys.</summary>
    public async IAsyncEnumerable<CatalogRow> ReadAsync(
        string? after,
        int limit,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // One more than asked for: the first one is that behind which to begin.
        var read = 0;
        var range = string.IsNullOrEmpty(after) ? Everything : Everything with { From = after };
        await foreach (var row in store.QueryAsync(TableName.Projects, Partition, range, limit + 1, cancellationToken))
        {
            if (read < limit && !string.Equals(row.RowKey, after, StringComparison.Ordinal))
            {
                read++;
                yield return Read(row);
            }
        }
    }

    /// <summary>For one release with the access list, from which the last release makes its lists; the longest it takes for nobody's.</summary>
    private static Dictionary<string, TableValue> ToProperties(ListedState state)
    {
        var access = state.Access.ToJson();
        return new Dictionary<string, TableValue>(StringComparer.Ordinal)
        {
            ["format"] = Format,
            ["id"] = state.Project.Id.ToJson(),
            ["name"] = state.Name,
            ["version"] = state.Version,
            ["access"] = access.Length <= TableLimits.StringCharactersMax ? access : Nobody,
        };
    }

    private static CatalogRow Read(TableRow row)
    {
        StoredFormat.Check(row, Format);
        using var document = JsonDocument.Parse(row.GetString("id") ?? "null");
        return JsonId.TryRead(document.RootElement, out var id)
            ? new CatalogRow(new ProjectId(id), row.GetInt64("version") ?? 0)
            : throw new InvalidDataException($"Row '{row.RowKey}' of the catalogue has an unreadable id.");
    }
}

/// <summary>A project that the catalogue knows.</summary>
/// <param name="Project">The project.</param>
/// <param name="Version">The version of the access list from which its lists were made last; 0 for a row of the last release.</param>
internal readonly record struct CatalogRow(ProjectId Project, long Version);
