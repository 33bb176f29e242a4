using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Engine.Publishing;
using ServerlessSync.Core.Engine.Subscribing;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Engine.Committing;

/// <summary>
/// Answers changes that may be older than the last dataset of their author. They are answered at once: what waits behind one would come in
/// one burst after a dataset, and could not be told from what follows that. The dataset comes when the window is over.
/// </summary>
internal sealed class WindowRefusals(
    EngineDependencies services,
    SequencerOptions options,
    ProjectReplica replica,
    HeadWriter head,
    PendingPublicationMarker marker,
    DatasetDebts debts,
    SubscriptionCoordinator coordinator
)
{
    private readonly List<ChangeItem> refused = [];

    private LastReset LastReset => new(replica.State.ResetRevision, head.ResetTime, head.HasBeenSeen(replica.State.ResetRevision));

    public void Add(ChangeItem item) => refused.Add(item);

    /// <summary>Records the debts, and answers.</summary>
    public async Task AnswerAsync(CancellationToken cancellationToken)
    {
        if (refused.Count == 0)
        {
            return;
        }

        var items = refused.ToList();
        refused.Clear();
        try
        {
            await marker.RecordDebtsAsync(cancellationToken);
        }
        catch (StorageException exception)
        {
            // Should this engine die, no sweep would find the debts. Some of these events waited for another engine's answer, so no step of
            // this turn fails them.
            services.Observer.Failed(replica.Project, exception);
            PendingAnswers.Fail(items, new ProjectOutcome.Unavailable("The change could not be stored now."));
            return;
        }

        foreach (var together in items.Chunk(options.LooksInParallel))
        {
            // They end on several threads; their outcomes are noted by this one alone.
            var outcomes = await Task.WhenAll(together.Select(item => OweAsync(item, cancellationToken)));
            foreach (var (item, outcome) in together.Zip(outcomes))
            {
                if (outcome is ProjectOutcome.Owed)
                {
                    debts.Note(item);
                    coordinator.AddDebt(item, UntilLeaving(item));
                }

                item.Answer(outcome);
            }
        }
    }

    private async Task<ProjectOutcome> OweAsync(ChangeItem item, CancellationToken cancellationToken)
    {
        var (connection, begun) = (item.Origin.Connection, options.Window.BeginningOf(item.DatasetState, LastReset));
        services.Observer.Resynced(replica.Project, connection, Refusals.BeforeDataset);
        try
        {
            if (options.Window.IsOver(begun, item.DatasetState.Made))
            {
                // Its page knows by this that it is out of date.
                await services.Gateway.CloseConnectionAsync(connection, Refusals.NoPause, cancellationToken);
                return new ProjectOutcome.Closed();
            }

            return await debts.OweAsync(item, cancellationToken) ? new ProjectOutcome.Owed(begun) : new ProjectOutcome.Gone();
        }
        catch (GatewayException exception)
        {
            // The service may not know of the debt: it delivers the event again.
            return new ProjectOutcome.Unavailable(exception.Message);
        }
    }

    /// <summary>How long until its author leaves the stream, so that there is silence before the dataset.</summary>
    private TimeSpan UntilLeaving(ChangeItem item) =>
        options.Window.UntilDataset(item.DatasetState, LastReset, services.Time.GetUtcNow()) - options.QuietTime;
}
