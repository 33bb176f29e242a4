using System.Text.Json;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Archives;

/// <summary>How far a round of scheduled archives has come: a process lives for a minute, a round for as long as it takes.</summary>
internal sealed record ArchiveRound
{
    public const long Format = 1;

    /// <summary>The version of the row that this was read from or written to.</summary>
    public ETag ETag { get; init; }

    /// <summary>The call that works on it; empty for none.</summary>
    public string Worker { get; init; } = string.Empty;

    /// <summary>When a worker that has not come back is given up.</summary>
    public DateTimeOffset WorkerExpires { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>What it does.</summary>
    public ArchiveRoundStage Stage { get; init; }

    /// <summary>When it began, or the last one did while there is none.</summary>
    public DateTimeOffset Begun { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>The key of the project that was looked at last.</summary>
    public string After { get; init; } = string.Empty;

    /// <summary>The archive under way; null between two.</summary>
    public ArchiveInProgress? Current { get; init; }

    public int Archived { get; init; }

    public int Unchanged { get; init; }

    public int Failed { get; init; }

    /// <summary>A new round, which begins now.</summary>
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

/// <summary>What a round does. Stored: numbers stay.</summary>
internal enum ArchiveRoundStage
{
    /// <summary>Nothing, until it is time for the next one.</summary>
    Waiting = 0,

    /// <summary>It goes through the projects that are there.</summary>
    Archiving = 1,

    /// <summary>It goes through those that have archives, for the ones that are not there any more.</summary>
    Clearing = 2,
}

/// <summary>A scheduled archive that is being made among the tables or copied into the container.</summary>
/// <param name="Project">Whose archive it is.</param>
/// <param name="Archive">Its name among the tables.</param>
/// <param name="Name">Its name in the container.</param>
/// <param name="Revision">The project's number when it was begun.</param>
/// <param name="AccessVersion">The version of the access list when it was begun.</param>
internal sealed record ArchiveInProgress(ProjectId Project, string Archive, string Name, long Revision, long AccessVersion)
{
    /// <summary>Parts that are in the container.</summary>
    public int Copied { get; init; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Calls since the last one that brought it further.</summary>
    public int Attempts { get; init; }
}
