using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Log;

/// <summary>
/// Submissions that an engine which lost the race for the head left for the holder of the lease, or what became of them.
/// </summary>
/// <param name="Key">The row's key.</param>
/// <param name="ETag">Its version.</param>
/// <param name="Content">The submissions as UTF-8 JSON; empty when they were drained.</param>
/// <param name="Answers">What became of those that were not accepted, as JSON; null while the row waits to be drained.</param>
/// <param name="WantsAnswer">Whether its writer must be told also of what was accepted, as the log alone would mislead it.</param>
/// <param name="Time">When it was written or answered, by the clock of whoever did.</param>
internal sealed record InboxRow(
    string Key,
    ETag ETag,
    ReadOnlyMemory<byte> Content,
    string? Answers,
    bool WantsAnswer,
    DateTimeOffset Time
);

/// <summary>A drained inbox row, and what its writer must be told beside what it finds in the log.</summary>
/// <param name="Row">The row.</param>
/// <param name="Answers">JSON for those that were not accepted; null when all were, and the row simply goes.</param>
/// <param name="Time">Now.</param>
internal sealed record InboxReceipt(InboxRow Row, string? Answers, DateTimeOffset Time);

/// <summary>What an inbox row says beside its submissions.</summary>
/// <param name="WantsAnswer">As in <see cref="InboxRow"/>.</param>
/// <param name="HoldsRestore">Whether a restore is among the submissions.</param>
/// <param name="Time">Now.</param>
internal sealed record InboxMarks(bool WantsAnswer, bool HoldsRestore, DateTimeOffset Time);
