using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Log;

/// <summary>Submissions that an engine without the lease left for its holder, or their outcome.</summary>
/// <param name="Key">The row's key.</param>
/// <param name="ETag">Its version.</param>
/// <param name="Content">The submissions as UTF-8 JSON; empty once they were drained.</param>
/// <param name="Answers">
/// The outcomes of submissions that were not accepted, as JSON; null while the row waits to be drained.
/// </param>
/// <param name="WantsAnswer">
/// Whether its writer also needs the outcomes of accepted submissions, because the log alone would mislead it.
/// </param>
/// <param name="Time">When it was written or answered, by the clock of the engine that did so.</param>
internal sealed record InboxRow(
    string Key,
    ETag ETag,
    ReadOnlyMemory<byte> Content,
    string? Answers,
    bool WantsAnswer,
    DateTimeOffset Time
);

/// <summary>A drained inbox row, and the outcomes that its writer does not find in the log.</summary>
/// <param name="Row">The drained row.</param>
/// <param name="Answers">
/// The outcomes of submissions that were not accepted, as JSON; null when all were, and the row is deleted.
/// </param>
/// <param name="Time">Now.</param>
internal sealed record InboxReceipt(InboxRow Row, string? Answers, DateTimeOffset Time);

/// <summary>The properties of an inbox row beside its submissions.</summary>
/// <param name="WantsAnswer">As in <see cref="InboxRow"/>.</param>
/// <param name="HoldsRestore">Whether a restore is among the submissions.</param>
/// <param name="Time">Now.</param>
internal sealed record InboxMarks(bool WantsAnswer, bool HoldsRestore, DateTimeOffset Time);
