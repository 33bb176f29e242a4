using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Engine;

/// <content>
/// Changes that may be older than the last dataset of their author. They are answered at once, as what waits behind one would come in one
/// burst after a dataset and could not be told from what follows that; the dataset comes when the window is over.
/// </content>
internal sealed partial class ProjectSequencer
{
    private readonly List<ChangeItem> refused = [];

    private async Task RefuseAsync()
    {
        if (refused.Count == 0)
        {
            return;
        }

        var items = refused.ToList();
        refused.Clear();
        try
        {
            await due.RecordDebtsAsync(CancellationToken.None);
        }
        catch (StorageException exception)
        {
            // Should this engine die, no sweep would find the debts. Some of these events waited for another engine's answer, so that no
            // step of this turn has them.
            services.Observer.Failed(replica.Project, exception);
            Fail(items, new ProjectOutcome.Unavailable(Explain(exception)));
            return;
        }

        foreach (var together in items.Chunk(options.LooksInParallel))
        {
            // They end on several threads; what came of them is noted by this one alone.
            var outcomes = await Task.WhenAll(together.Select(OweAsync));
            foreach (var (item, outcome) in together.Zip(outcomes))
            {
                if (outcome is ProjectOutcome.Owed)
                {
                    debts.Note(item);
                    desk.AddDebt(item, UntilLeaving(item));
                }

                item.Complete(outcome);
            }
        }
    }

    private async Task<ProjectOutcome> OweAsync(ChangeItem item)
    {
        var (connection, begun) = (item.Origin.Connection, options.Window.BeginningOf(item.DatasetState, replica.LastReset));
        services.Observer.Resynced(replica.Project, connection, Refusals.BeforeDataset);
        try
        {
            if (options.Window.IsOver(begun, item.DatasetState.Made))
            {
                // Its page knows by this that it is out of date.
                await services.Gateway.CloseConnectionAsync(connection, Refusals.NoPause, CancellationToken.None);
                return new ProjectOutcome.Closed();
            }

            return await debts.OweAsync(item, CancellationToken.None) ? new ProjectOutcome.Owed(begun) : new ProjectOutcome.Gone();
        }
        catch (GatewayException exception)
        {
            // The service may not know of the debt: it delivers the event again.
            return new ProjectOutcome.Unavailable(exception.Message);
        }
    }

    /// <summary>Until its author leaves the stream, so that there is silence before the dataset.</summary>
    private TimeSpan UntilLeaving(ChangeItem item) =>
        options.Window.UntilDataset(item.DatasetState, replica.LastReset, services.Time.GetUtcNow()) - options.QuietTime;
}
