using System.Text.Json;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Archives;

/// <summary>The stored progress of a round of scheduled archives. A round may take longer than a process lives.</summary>
internal sealed record ArchiveRound
{
    public const long Format = 1;

    /// <summary>The ETag of the row that this was read from or written to.</summary>
    public ETag ETag { get; init; }

    /// <summary>The call that holds the claim; empty for none.</summary>
    public string Worker { get; init; } = string.Empty;

    /// <summary>When the claim expires.</summary>
    public DateTimeOffset WorkerExpires { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>The current stage.</summary>
    public ArchiveRoundStage Stage { get; init; }

    /// <summary>When this round began; in the waiting stage, when the last one did.</summary>
    public DateTimeOffset Begun { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>The key of the last project that was checked; empty at the beginning of a stage.</summary>
    public string After { get; init; } = string.Empty;

    /// <summary>The archive in progress; null for none.</summary>
    public ArchiveInProgress? Current { get; init; }

    /// <summary>Projects archived in this round.</summary>
    public int Archived { get; init; }

    /// <summary>Projects skipped because they had not changed since their last archive.</summary>
    public int Unchanged { get; init; }

    /// <summary>Projects that could not be archived.</summary>
    public int Failed { get; init; }

    /// <summary>The next round, which begins now.</summary>
    public ArchiveRound Next(DateTimeOffset now) =>
        this with
        {
            Stage = ArchiveRoundStage.Archiving,
            Begun = now,
            After = string.Empty,
            Archived = 0,
            Unchanged = 0,
            Failed = 0,
        };

    public static ArchiveRound FromRow(TableRow row)
    {
        StoredFormat.Check(row, Format);
        return new ArchiveRound
        {
            ETag = row.ETag,
            Worker = row.GetString("worker") ?? string.Empty,
            WorkerExpires = TimeOf(row, "workerExpires"),
            Stage = (ArchiveRoundStage)Number(row, "stage"),
            Begun = TimeOf(row, "begun"),
            After = row.GetString("after") ?? string.Empty,
            Archived = (int)Number(row, "archived"),
            Unchanged = (int)Number(row, "unchanged"),
            Failed = (int)Number(row, "failed"),
            Current = row.GetString("id") is { } id
                ? new ArchiveInProgress(
                    ReadProject(id, row),
                    row.GetString("archive") ?? string.Empty,
                    row.GetString("name") ?? string.Empty,
                    Number(row, "revision"),
                    Number(row, "access")
                )
                {
                    Copied = (int)Number(row, "copied"),
                    Bytes = Number(row, "bytes"),
                    Attempts = (int)Number(row, "attempts"),
                }
                : null,
        };
    }

    public IReadOnlyDictionary<string, TableValue> ToProperties()
    {
        var properties = new Dictionary<string, TableValue>(StringComparer.Ordinal)
        {
            ["format"] = Format,
            ["worker"] = Worker,
            ["workerExpires"] = WorkerExpires.ToUnixTimeMilliseconds(),
            ["stage"] = (int)Stage,
            ["begun"] = Begun.ToUnixTimeMilliseconds(),
            ["after"] = After,
            ["archived"] = Archived,
            ["unchanged"] = Unchanged,
            ["failed"] = Failed,
        };
        if (Current is { } current)
        {
            properties["id"] = current.Project.Id.ToJson();
            properties["archive"] = current.Archive;
            properties["name"] = current.Name;
            properties["revision"] = current.Revision;
            properties["access"] = current.AccessVersion;
            properties["copied"] = current.Copied;
            properties["bytes"] = current.Bytes;
            properties["attempts"] = current.Attempts;
        }

        return properties;
    }

    internal static ProjectId ReadProject(string json, TableRow row)
    {
        using var document = JsonDocument.Parse(json);
        return JsonId.TryRead(document.RootElement, out var id)
            ? new ProjectId(id)
            : throw new InvalidDataException($"Row '{row.RowKey}' of partition '{row.PartitionKey}' has an unreadable id.");
    }

    internal static DateTimeOffset TimeOf(TableRow row, string name) => DateTimeOffset.FromUnixTimeMilliseconds(Number(row, name));

    private static long Number(TableRow row, string name) => row.GetInt64(name) ?? 0;
}

/// <summary>The stages of a round. The numbers are stored; never change them.</summary>
internal enum ArchiveRoundStage
{
    /// <summary>The round is finished; the next one is not due yet.</summary>
    Waiting = 0,

    /// <summary>Archives the projects of the catalogue.</summary>
    Archiving = 1,

    /// <summary>Checks the projects that have archives for deleted ones.</summary>
    Clearing = 2,
}

/// <summary>A scheduled archive that is being made in table storage or copied into the container.</summary>
/// <param name="Project">The archived project.</param>
/// <param name="Archive">Its name in table storage.</param>
/// <param name="Name">Its name in the container.</param>
/// <param name="Revision">The project's revision when the archive was begun.</param>
/// <param name="AccessVersion">The version of the access list when the archive was begun.</param>
internal sealed record ArchiveInProgress(ProjectId Project, string Archive, string Name, long Revision, long AccessVersion)
{
    /// <summary>Parts that were copied into the container.</summary>
    public int Copied { get; init; }

    /// <summary>The bytes of the copied parts.</summary>
    public long Bytes { get; init; }

    /// <summary>Attempts since the last progress.</summary>
    public int Attempts { get; init; }
}
