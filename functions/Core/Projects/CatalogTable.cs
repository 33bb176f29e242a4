using System.Runtime.CompilerServices;
using System.Text.Json;
using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Projects;

/// <summary>
/// Table <c>projects</c>: one row per existing project, so that maintenance finds them all. Users' lists are stored
/// separately (<see cref="ListingRow"/>).
/// </summary>
internal sealed class CatalogTable(ITableStore store)
{
    private const string Partition = "projects";
    private const long Format = 1;

    private static readonly OptimisticWrite Races = new();

    /// <summary>Keys begin with n or s (<see cref="JsonId.ToKey"/>).</summary>
    private static readonly RowRange Everything = new("n", "t");

    /// <summary>An access list that grants nothing, as the last release reads it.</summary>
    private static readonly string EmptyAccess = AccessList.Empty.ToJson();

    /// <summary>Writes or removes the row of a project according to its state, unless the row is newer.</summary>
    public Task WriteAsync(ListedState state, CancellationToken cancellationToken) =>
        Races.RunAsync(
            $"The catalogue row of {state.Project}",
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

    /// <summary>The name of a project in the catalogue; null when it is not listed.</summary>
    public async Task<string?> FindNameAsync(ProjectId project, CancellationToken cancellationToken) =>
        (await store.GetAsync(TableName.Projects, Partition, project.Key, cancellationToken))?.GetString("name");

    /// <summary>Projects after a key, or from the first one, in key order.</summary>
    public async IAsyncEnumerable<CatalogRow> ReadAsync(
        string? after,
        int limit,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // One more than requested, because the range includes the key after which to begin.
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

    /// <summary>
    /// Includes the access list for the last release, which derives its listings from it. A list beyond a property is
    /// stored as empty.
    /// </summary>
    private static Dictionary<string, TableValue> ToProperties(ListedState state)
    {
        var access = state.Access.ToJson();
        return new Dictionary<string, TableValue>(StringComparer.Ordinal)
        {
            ["format"] = Format,
            ["id"] = state.Project.Id.ToJson(),
            ["name"] = state.Name,
            ["version"] = state.Version,
            ["access"] = access.Length <= TableLimits.StringCharactersMax ? access : EmptyAccess,
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

/// <summary>A project in the catalogue.</summary>
/// <param name="Project">The project.</param>
/// <param name="Version">
/// The version of the access list from which its listings were last written; 0 for a row of the last release.
/// </param>
internal readonly record struct CatalogRow(ProjectId Project, long Version);
