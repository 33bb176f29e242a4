namespace ServerlessSync.Core.Engine.Committing;

/// <summary>What an item of a batch waits for.</summary>
/// <param name="Item">The item.</param>
/// <param name="Revision">It is answered when this revision is published; null when nothing of it was accepted.</param>
/// <param name="Outcome">The answer when it is known at once.</param>
/// <param name="Resync">Why its sender must get a fresh dataset instead; an empty text when there is nothing to tell it.</param>
/// <param name="Repeat">What of it was accepted before and is to be answered again.</param>
internal sealed record Decision(
    SubmitItem Item,
    long? Revision,
    ProjectOutcome? Outcome,
    string? Resync,
    RepeatItem? Repeat = null
)
{
    /// <summary>
    /// Whether it was made on a dataset that another one has replaced, which its author was sent or is about to be sent: nothing was
    /// applied, and its author gets no further message.
    /// </summary>
    public bool IsOutdated { get; init; }

    /// <summary>
    /// Whether it may have been made before a dataset that its author was sent: nothing was applied. Its author is answered at once, and is
    /// owed one more dataset.
    /// </summary>
    public bool IsRefusedByWindow { get; init; }
}
