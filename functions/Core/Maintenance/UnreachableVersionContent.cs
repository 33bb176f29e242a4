using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.State;

namespace ServerlessSync.Core.Maintenance;

/// <summary>
/// Finds and removes contents of versions that become unreachable when the log begins at an anchor: those of versions
/// that were removed or overwritten in the commits folded into it.
/// </summary>
internal sealed class UnreachableVersionContent
{
    private readonly HashSet<string> known = new(StringComparer.Ordinal);
    private readonly HashSet<string> folded = new(StringComparer.Ordinal);

    /// <summary>Records the contents in the state from which the fold starts.</summary>
    public void Note(Dataset before) => known.UnionWith(before.ContentKeys);

    /// <summary>Records the contents that a folded commit saved or restored.</summary>
    public void Note(Commit commit, Func<LogEntry, Dataset?> replacementOf)
    {
        foreach (var entry in commit.Entries)
        {
            known.UnionWith(entry.Contents.Select(static content => content.Key));
            if (entry.Restored is { } restored)
            {
                folded.Add(restored.Key);
                known.UnionWith(replacementOf(entry)?.ContentKeys ?? []);
            }
        }
    }

    /// <summary>
    /// Removes the recorded contents that neither the anchor, nor the base, nor the dataset of a later restore holds.
    /// Contents that later commits saved were never recorded. Call it only after the head names the anchor: from then
    /// on, no restore can return to a revision before it.
    /// </summary>
    /// <returns>The number of rows removed.</returns>
    public async Task<int> RemoveAsync(
        ProjectLog log,
        Head head,
        Dataset anchor,
        LoadingScope loading,
        CancellationToken cancellationToken
    )
    {
        var unneeded = new HashSet<string>(known, StringComparer.Ordinal);
        unneeded.ExceptWith(anchor.ContentKeys);
        if (unneeded.Count == 0)
        {
            return 0;
        }

        var before = loading.Memory.Bytes;
        var beginning =
            await StateSnapshot.ReadAsync(log, head.BaseKey, loading, cancellationToken)
            ?? throw new InvalidDataException($"Project {log.Project} has no complete base '{head.BaseKey}'.");
        unneeded.ExceptWith(beginning.State.Dataset.ContentKeys);
        await foreach (var key in log.ReadRestoredKeysAsync(cancellationToken))
        {
            if (!folded.Contains(key))
            {
                loading.Memory.Set(before);
                var restored = await StateSnapshot.ReadAsync(log, key, loading, cancellationToken);
                unneeded.ExceptWith(restored?.State.Dataset.ContentKeys ?? []);
            }
        }

        var removed = 0;
        foreach (var key in unneeded)
        {
            removed += await log.RemovePayloadAsync(key, cancellationToken);
        }

        return removed;
    }
}
