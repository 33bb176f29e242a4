using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Archives;

/// <summary>An archive that is being created, kept for download, uploaded or restored, and its progress.</summary>
internal sealed record OpenArchive(string Name, ProjectId Project, bool IsUpload, DateTimeOffset Expires)
{
    /// <summary>The version of the row that this was read from or written to.</summary>
    public ETag ETag { get; init; }

    /// <summary>The request that works on it; empty for none.</summary>
    public string Worker { get; init; } = string.Empty;

    /// <summary>When the claim of that request expires.</summary>
    public DateTimeOffset WorkerExpires { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>The number of created parts.</summary>
    public int Parts { get; init; }

    /// <summary>The digest of the last part that was created, or read by the restore.</summary>
    public ReadOnlyMemory<byte> Digest { get; init; }

    /// <summary>The revision of the state in it.</summary>
    public long Revision { get; init; }

    /// <summary>The number of contents that are written or restored.</summary>
    public int Contents { get; init; }

    /// <summary>Whether its creation or its restore is complete.</summary>
    public bool IsComplete { get; init; }

    /// <summary>The restore in progress; null for none.</summary>
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

/// <summary>The progress of a restore.</summary>
/// <param name="BaseKey">The key of the base that it writes.</param>
/// <param name="AnchorKey">
/// The key of the anchor that it writes, which contains the revision at which the project continues.
/// </param>
/// <param name="User">The administrator.</param>
/// <param name="Stage">The completed stage.</param>
/// <param name="Position">The position at which reading continues.</param>
internal sealed record RestoreProgress(string BaseKey, string AnchorKey, string User, RestoreStage Stage, ArchivePosition Position);

/// <summary>The completed stage of a restore.</summary>
internal enum RestoreStage
{
    /// <summary>The keys of the rows are chosen.</summary>
    Begun = 0,

    /// <summary>Base and anchor are stored; contents are being stored.</summary>
    StateStored = 1,

    /// <summary>Everything is stored and validated; the head may name it already.</summary>
    Naming = 2,
}
