namespace ServerlessSync.Core.Engine;

/// <summary>What became of something that a client asked of a project.</summary>
public abstract record ProjectOutcome
{
    private ProjectOutcome() { }

    /// <summary>
    /// Done and sent: a change or reset was published with this as its last revision, or a join got the dataset at it.
    /// </summary>
    /// <param name="Revision">The revision.</param>
    /// <param name="MayHaveReceivedDataset">
    /// Whether a join may have sent a dataset before this one, so that the client can have edited on it: what it replaced is lost
    /// to its client like that of a dataset that was not asked for.
    /// </param>
    public sealed record Done(long Revision, bool MayHaveReceivedDataset = false) : ProjectOutcome
    {
        /// <summary>The last reset that was published by then, and when it was accepted; 0 when there was none.</summary>
        public (long Revision, DateTimeOffset Time) Reset { get; init; }
    }

    /// <summary>What was asked cannot be done, for this reason.</summary>
    public sealed record Refused(string Reason) : ProjectOutcome;

    /// <summary>A change was not applied (all of it, or its rest); its sender was sent the dataset at this revision instead.</summary>
    public sealed record Resynced(long DatasetRevision) : ProjectOutcome;

    /// <summary>
    /// A change was not applied, as it may be older than the last dataset of its author. The author gets an error, and is sent one more
    /// dataset soon.
    /// </summary>
    /// <param name="Begun">When the time began in which changes of this connection are refused.</param>
    public sealed record Owed(DateTimeOffset Begun) : ProjectOutcome;

    /// <summary>Changes of the connection were refused for so long that its socket was closed.</summary>
    public sealed record Closed : ProjectOutcome;

    /// <summary>There is no such project, or not for this user: the two look alike from outside.</summary>
    public sealed record Denied : ProjectOutcome;

    /// <summary>The connection is gone, so no client waits for an answer and nothing was applied.</summary>
    public sealed record Gone : ProjectOutcome;

    /// <summary>The project is in quarantine: nothing can be changed.</summary>
    public sealed record ReadOnly(string Reason) : ProjectOutcome;

    /// <summary>There is such a version.</summary>
    /// <param name="ContentKey">Where its content is stored; null when it was saved without any.</param>
    public sealed record Found(string? ContentKey) : ProjectOutcome;

    /// <summary>There is no such version.</summary>
    public sealed record NotFound : ProjectOutcome;

    /// <summary>The dataset does not fit one message.</summary>
    public sealed record TooLarge(long Bytes) : ProjectOutcome;

    /// <summary>Could not be stored or sent now; the service is to deliver the event again.</summary>
    public sealed record Unavailable(string Reason) : ProjectOutcome;
}
