using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.State;

namespace ServerlessSync.Core.Engine.Subscribing;

/// <summary>
/// The datasets that take the place of everything: the base for resets, and what restores go back to. Keeps those that were last
/// needed, and the base once it was.
/// </summary>
internal sealed class ReplacementDatasetCache(ProjectLog log, LoadingScope loading)
{
    private readonly Dictionary<string, Dataset> kept = new(StringComparer.Ordinal);

    /// <summary>A rough count of the memory that they take.</summary>
    public long ApproximateBytes => kept.Values.Sum(static dataset => dataset.ApproximateBytes);

    /// <summary>Lets all of them go.</summary>
    public void Clear() => kept.Clear();

    /// <summary>The key of what an entry goes back to; null for a change.</summary>
    public static string? KeyOf(LogEntry entry, Head head) =>
        entry.Kind switch
        {
            EntryKind.Reset => head.BaseKey,
            EntryKind.Restore => entry.Restored?.Key,
            _ => null,
        };

    /// <summary>A dataset that was fetched; null for no key, or one whose rows are not there.</summary>
    public Dataset? Find(string? key) => key is null ? null : kept.GetValueOrDefault(key);

    /// <summary>The dataset that a reset or restore goes back to.</summary>
    public async Task<Dataset> ReadAsync(LogEntry entry, Head head, CancellationToken cancellationToken)
    {
        await FetchAsync([entry], head, cancellationToken);
        return Find(KeyOf(entry, head))!;
    }

    /// <summary>Whether everything that the entries go back to is here.</summary>
    public bool Holds(IEnumerable<LogEntry> entries, Head head) =>
        entries.Where(static entry => entry.ReplacesAll).All(entry => Find(KeyOf(entry, head)) is not null);

    /// <summary>Brings what the entries go back to.</summary>
    /// <exception cref="InvalidDataException">It is not stored, or not whole.</exception>
    /// <exception cref="LoadingRefusedException">There is no room for it now.</exception>
    public async Task FetchAsync(IReadOnlyList<LogEntry> entries, Head head, CancellationToken cancellationToken)
    {
        var keys = entries.Select(entry => KeyOf(entry, head)).OfType<string>().ToList();
        await FetchAsync(keys, head, cancellationToken);
        if (keys.Find(key => Find(key) is null) is { } missing)
        {
            throw new InvalidDataException($"Project {log.Project} has no complete dataset '{missing}'.");
        }
    }

    /// <summary>Brings what is stored under the keys, as far as it is there.</summary>
    /// <exception cref="LoadingRefusedException">There is no room for it now.</exception>
    public async Task FetchAsync(IReadOnlyList<string> keys, Head head, CancellationToken cancellationToken)
    {
        if (keys.Count == 0)
        {
            return;
        }

        foreach (var old in kept.Keys.Where(key => !keys.Contains(key, StringComparer.Ordinal)).ToList())
        {
            if (!string.Equals(old, head.BaseKey, StringComparison.Ordinal))
            {
                Release(old);
            }
        }

        foreach (var key in keys.Where(key => !kept.ContainsKey(key)).Distinct(StringComparer.Ordinal))
        {
            var before = loading.Memory.Bytes;
            if (await StateSnapshot.ReadAsync(log, key, loading, cancellationToken) is { State.Dataset: var dataset })
            {
                kept[key] = dataset;
                loading.Memory.Set(before + dataset.ApproximateBytes);
            }
        }
    }

    /// <summary>Drops a dataset, and gives its bytes back: a log of many restores is folded within the room for one.</summary>
    private void Release(string key)
    {
        if (kept.Remove(key, out var dataset))
        {
            loading.Memory.Set(loading.Memory.Bytes - dataset.ApproximateBytes);
        }
    }
}
