namespace ServerlessSync.Core.Sequencing;

/// <summary>What is known about the dataset that the author of a change works on.</summary>
/// <param name="Stated">The revision that the change itself names; exact. Null for clients that name none.</param>
/// <param name="Sent">The revision of the last dataset that the connection asked for or was healed with.</param>
/// <param name="HealedAt">When the connection last got a dataset that it did not ask for, by our clocks; null when never.</param>
public sealed record DatasetKnowledge(long? Stated, long Sent, DateTimeOffset? HealedAt)
{
    /// <summary>
    /// Whether a change may have been made before its author saw a dataset that replaced everything. Then it must not be applied:
    /// echoed, it would stop its author for good (bryntum-protocol 4.1).
    /// </summary>
    /// <param name="resetRevision">The last reset; 0 when there was none.</param>
    /// <param name="resetTime">When the last reset was accepted.</param>
    /// <param name="made">
    /// When the service took the change in; not the time at which it is decided, or a redelivered event that was refused the first time
    /// would be accepted the second time, after its author was healed.
    /// </param>
    /// <param name="resetIsPublished">Whether subscribers were sent that reset; until then nobody can have seen it.</param>
    /// <param name="window">How long a client that names no dataset is given to receive one.</param>
    public bool IsStale(long resetRevision, DateTimeOffset resetTime, DateTimeOffset made, bool resetIsPublished, TimeSpan window)
    {
        if (Stated is { } stated)
        {
            return stated < Math.Max(resetRevision, Sent);
        }

        var resetUnseen = Sent < resetRevision && (!resetIsPublished || made - resetTime < window);
        return resetUnseen || (HealedAt is { } healedAt && made - healedAt < window);
    }
}
