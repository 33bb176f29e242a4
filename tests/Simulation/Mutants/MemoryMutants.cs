using static ServerlessSync.Simulation.Mutants.MutantPlace;

namespace ServerlessSync.Simulation.Mutants;

/// <summary>Defects of what is remembered, of the snapshots in which it travels, and of the memory that all of it takes.</summary>
internal static class MemoryMutants
{
    public static IReadOnlyList<Mutant> All { get; } =
    [
        new(
            "memory-is-not-given-back",
            "what was taken of the budget stays taken",
            In("MemoryAccount", "Dispose").Remove("budget.GiveBack(bytes, body);")
        ),
        new(
            "load-side-by-side",
            "several stored states are read at the same time",
            In("LoadingGate", "EnterAsync").Replace("if (!taken)", "if (!taken || kind == LoadingKind.Live)")
        ),
        new(
            "forget-event-id",
            "an event that the service delivers twice is accepted twice",
            In("DeduplicationState", "FindEvent").Replace("mark.Number >= origin.EventId", "mark.Number > origin.EventId")
        ),
        new(
            "forget-event-id-in-batch",
            "two deliveries of an event in one batch are both accepted",
            In("DecidePass", "FindEarlier").Replace(
                "if (accepted.TryGetValue(item.Origin, out var inBatch))",
                "if (accepted.TryGetValue(item.Origin, out var inBatch) && false)"
            )
        ),
        new(
            "forget-session",
            "a revision that our client sends again is accepted again",
            In("DeduplicationState", "Remember").Replace("sessions.Put(session, new HighWaterMark(", "_ = (session, new HighWaterMark(")
        ),
        new(
            "snapshot-without-sessions",
            "who loads from a snapshot knows no page session",
            In("DeduplicationState", "ReadFrom").Remove("sessions.ReadFrom(snapshot[\"sessions\"]);")
        ),
        new(
            "snapshot-without-events",
            "who loads from a snapshot knows no event",
            In("DeduplicationState", "ReadFrom").Remove("events.ReadFrom(snapshot[\"events\"]);")
        ),
        new(
            "snapshot-without-phantoms",
            "who loads from a snapshot does not know which id a new record got",
            In("SnapshotReader", "ReadMemory").Replace(
                "memory.RememberPhantom(NextText(), NextId(), NextId(), journal);",
                "_ = (NextText(), NextId(), NextId());"
            )
        ),
        new(
            "snapshot-without-reset",
            "who loads from a snapshot does not know of the last reset",
            In("StateSnapshot", "Read").Replace("marks[\"resetRevision\"].GetInt64()", "0")
        ),
        new(
            "snapshot-at-wrong-revision",
            "a snapshot says that it holds one revision more than it does",
            In("StateSnapshot", "Write").Replace(
                "writer.WriteNumber(\"revision\", state.Revision);",
                "writer.WriteNumber(\"revision\", state.Revision == 0 ? 0 : state.Revision + 1);"
            )
        ),
        new(
            "snapshot-visible-early",
            "a snapshot counts before its rows are there",
            In("SnapshotWriter", "WriteAsync").Before(
                "await replica.Log.WritePayloadAsync(key, content, cancellationToken);",
                "replica.Snapshots.Unnamed = new FinishedSnapshot(key, content.Length);"
            )
        ),
        new(
            "snapshot-is-never-named",
            "a finished snapshot is handed over when it cannot be kept, so no head names it",
            In("SnapshotProgress", "MarkWritten").Replace("string.Equals(snapshot.Key, patch.SnapshotKey, StringComparison.Ordinal)", "before is null"),
            In("SnapshotProgress", "KeyToName").Replace("> 0 ? key : null", "> 0 && head.Revision < 0 ? key : null")
        ),
        new(
            "snapshots-pile-up",
            "what a newer snapshot has superseded is never removed",
            In("SnapshotWriter", "CleanAsync").Replace("await replica.Log.RemoveSnapshotsBeforeAsync(superseded, cancellationToken) > 0", "superseded.Length == 0")
        ),
    ];
}
