using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Archives;

/// <summary>How far an archive that is being made, kept for a while, uploaded or restored has come.</summary>
internal sealed record OpenArchive(string Name, ProjectId Project, bool IsUpload, DateTimeOffset Expires)
{
    /// <summary>The version of the row that this was read from or written to.</summary>
    public ETag ETag { get; init; }

    /// <summary>The request that works on it; empty for none.</summary>
    public string Worker { get; init; } = string.Empty;

    /// <summary>When a worker that has not come back is given up.</summary>
    public DateTimeOffset WorkerExpires { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>Parts that are made.</summary>
    public int Parts { get; init; }

    /// <summary>The digest of the last part that was made, or of the last one that was read when it was restored.</summary>
    public ReadOnlyMemory<byte> Digest { get; init; }

    /// <summary>The revision of the state in it.</summary>
    public long Revision { get; init; }

    /// <summary>Contents that are written, or restored.</summary>
    public int Contents { get; init; }

    /// <summary>Whether it is made whole, or restored and done with.</summary>
    public bool IsComplete { get; init; }

    /// <summary>The restore under way; null while there is none.</summary>
    public RestoreProgress? Restore { get; init; }

    public IReadOnlyDictionary<string, TableValue> ToProperties()
    {
        var properties = new Dictionary<string, TableValue>(StringComparer.Ordinal)
        {
            ["format"] = ArchiveDirectory.Format,
            ["id"] = Project.Id.ToJson(),
            ["upload"] = IsUpload ? 1 : 0,
            ["expires"] = Expires.ToUnixTimeMilliseconds(),
            ["worker"] = Worker,
            ["workerExpires"] = WorkerExpires.ToUnixTimeMilliseconds(),
            ["parts"] = Parts,
            ["digest"] = Digest.ToArray(),
            ["revision"] = Revision,
            ["contents"] = Contents,
            ["complete"] = IsComplete ? 1 : 0,
        };
        if (Restore is { } restore)
        {
            properties["baseKey"] = restore.BaseKey;
            properties["anchorKey"] = restore.AnchorKey;
            properties["user"] = restore.User;
            properties["stage"] = (int)restore.Stage;
            properties["part"] = restore.Position.Part;
            properties["offset"] = restore.Position.Offset;
            properties["previous"] = restore.Position.Previous.ToArray();
        }

        return properties;
    }

    public static OpenArchive FromRow(TableRow row, ProjectId project) =>
        new(row.RowKey, project, row.GetInt64("upload") is > 0, TimeOf(row, "expires"))
        {
            ETag = row.ETag,
            Worker = row.GetString("worker") ?? string.Empty,
            WorkerExpires = TimeOf(row, "workerExpires"),
            Parts = (int)(row.GetInt64("parts") ?? 0),
            Digest = row.GetBinary("digest") ?? default,
            Revision = row.GetInt64("revision") ?? 0,
            Contents = (int)(row.GetInt64("contents") ?? 0),
            IsComplete = row.GetInt64("complete") is > 0,
            Restore = row.GetString("anchorKey") is { } anchorKey
                ? new RestoreProgress(
                    row.GetString("baseKey") ?? string.Empty,
                    anchorKey,
                    row.GetString("user") ?? string.Empty,
                    (RestoreStage)(row.GetInt64("stage") ?? 0),
                    new ArchivePosition(
                        (int)(row.GetInt64("part") ?? 0),
                        (int)(row.GetInt64("offset") ?? 0),
                        row.GetBinary("previous") ?? ArchivePart.NoDigest
                    )
                )
                : null,
        };

    private static DateTimeOffset TimeOf(TableRow row, string name) =>
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(name) ?? 0);
}

/// <summary>How far a restore has come.</summary>
/// <param name="BaseKey">The rows of the base that it writes.</param>
/// <param name="AnchorKey">The rows of the anchor that it writes; the number in it is the one that the project goes on at.</param>
/// <param name="User">The administrator.</param>
/// <param name="Stage">What is done.</param>
/// <param name="Position">Where reading goes on.</param>
internal sealed record RestoreProgress(string BaseKey, string AnchorKey, string User, RestoreStage Stage, ArchivePosition Position);

/// <summary>What of a restore is done.</summary>
internal enum RestoreStage
{
    /// <summary>The keys of its rows are chosen.</summary>
    Begun = 0,

    /// <summary>Base and anchor are stored; contents are being stored.</summary>
    StateStored = 1,

    /// <summary>All is stored and checked; the head may name it already.</summary>
    Naming = 2,
}
