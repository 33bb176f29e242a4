using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.State;

namespace ServerlessSync.Core.Maintenance;

/// <summary>
/// Finds, while commits are folded into an anchor, the contents of versions that nobody can come to need once the log begins behind it,
/// and removes them: those of versions that were removed or saved anew before it.
/// </summary>
internal sealed class UnreachableVersionContent
{
    private readonly HashSet<string> known = new(StringComparer.Ordinal);
    private readonly HashSet<string> folded = new(StringComparer.Ordinal);

    /// <summary>Notes what the state holds from which the folding goes on.</summary>
    public void Note(Dataset before) => known.UnionWith(before.ContentKeys);

    /// <summary>Notes what a folded commit saved or brought back.</summary>
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
    /// Removes what neither the anchor holds, nor the base, nor what a later restore went back to. What later commits saved was never
    /// noted. Only when the head names the anchor: from then on nobody can decide to go back to what was before it.
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
