using ServerlessSync.Core.Log;

namespace ServerlessSync.Core.Engine.Leasing;

/// <summary>A snapshot whose rows are all stored.</summary>
/// <param name="Key">Names its rows.</param>
/// <param name="Bytes">Bytes of its JSON text.</param>
internal sealed record FinishedSnapshot(string Key, long Bytes);

/// <summary>How far the log has grown beyond the newest snapshot, and which snapshot the next head is to name. Only the project's loop touches it.</summary>
internal sealed class SnapshotProgress
{
    /// <summary>Bytes of the newest snapshot, or of the base while there is none.</summary>
    public long Bytes { get; private set; }

    /// <summary>Log entries since the newest snapshot.</summary>
    public long EntriesSince { get; private set; }

    /// <summary>Bytes of change sets since the newest snapshot.</summary>
    public long BytesSince { get; private set; }

    /// <summary>A snapshot that no head names yet.</summary>
    public FinishedSnapshot? Unnamed { get; set; }

    /// <summary>The snapshot that the head named before the present one; null when none was replaced lately.</summary>
    public string? Superseded { get; set; }

    /// <summary>The state was loaded from a snapshot or base of this size. A snapshot that no head names yet is still right.</summary>
    public void Load(long bytes) => (Bytes, EntriesSince, BytesSince) = (bytes, 0, 0);

    /// <summary>A commit was folded.</summary>
    public void Fold(Commit commit)
    {
        EntriesSince += commit.Entries.Count;
        BytesSince += commit.Entries.Sum(static entry => (long)entry.Changes.Length);
    }

    /// <summary>A snapshot of the present revision is begun.</summary>
    public void Begin() => (EntriesSince, BytesSince) = (0, 0);

    /// <summary>The key for the next head. Another engine may have named a newer snapshot meanwhile; keys order by revision.</summary>
    public string? KeyToName(Head head) =>
        Unnamed is { Key: var key } && string.CompareOrdinal(key, head.SnapshotKey) > 0 ? key : null;

    /// <summary>A head was written. A snapshot that was finished during the write still waits for the next one.</summary>
    public void MarkWritten(Head before, HeadPatch patch)
    {
        if (Unnamed is not { } snapshot)
        {
            return;
        }

        if (string.Equals(snapshot.Key, patch.SnapshotKey, StringComparison.Ordinal))
        {
            (Bytes, Superseded, Unnamed) = (snapshot.Bytes, before.SnapshotKey, null);
        }
        else if (KeyToName(before) is null)
        {
            // The head names a newer one. The rows of this one go when that one is superseded.
            Unnamed = null;
        }
    }
}
