using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Engine.Subscribing;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Engine.Committing;

/// <summary>What is known of the author of a submission when it is decided.</summary>
internal enum AuthorState
{
    /// <summary>As far as is known it waits for what becomes of its submission.</summary>
    Here,

    /// <summary>Its connection is no more: it may have reconnected and loaded since, and would get its own old change on top of that.</summary>
    Gone,

    /// <summary>
    /// An earlier delivery of the same event was refused, wholly or from some revision on, and its heal broke off half-way: what is
    /// left is to heal it.
    /// </summary>
    InterruptedResync,

    /// <summary>The service does not say whether its connection is there: nothing new of it may be applied now.</summary>
    Unreachable,

    /// <summary>The outcome of an earlier delivery is not known now: nothing can be decided.</summary>
    Unclear,

    /// <summary>The dataset that it goes back to cannot be read now, as the store refuses or there is no room: nothing can be decided.</summary>
    Unread,

    /// <summary>A dataset is owed to it, or was sent so lately that it may not have seen it.</summary>
    Indebted,
}

/// <summary>Finds out about the authors of late submissions, with the service and the log.</summary>
internal sealed class AuthorCheck(EngineDependencies services, SequencerOptions options, ProjectReplica replica, DatasetDebts debts)
{
    /// <summary>Who was found, and when: lost races on a slow store can hold a batch up for seconds.</summary>
    private readonly Dictionary<ConnectionId, long> verified = [];

    /// <summary>Those about whom the service did not say anything when it was asked last.</summary>
    private readonly HashSet<ConnectionId> unreachable = [];

    /// <summary>Who was found to owe nothing: time that passes afterwards does not change that.</summary>
    private readonly HashSet<SubmitItem> paidUp = [];

    /// <summary>Forgets who was found; for a new batch.</summary>
    public void Clear()
    {
        verified.Clear();
        paidUp.Clear();
    }

    /// <summary>The states of the authors; an author that is missing is there. A question that fails concerns only its own author.</summary>
    public async Task<Dictionary<SubmitItem, AuthorState>> FindAsync(
        IReadOnlyList<SubmitItem> items,
        int attempt,
        CancellationToken cancellationToken
    )
    {
        // Compute lateness once: an item that becomes late during the awaits below was never asked about.
        var late = items.Where(item => item is not RestoreItem && IsLate(item, attempt)).ToHashSet();
        var again = items.OfType<ChangeItem>().Where(MayBeRedelivered).ToList();
        var verification = VerifyAsync(late, cancellationToken);
        var authors = await FindInterruptedResyncsAsync(again, cancellationToken);
        var debtors = await FindIndebtedAsync(items, cancellationToken);
        await verification;
        foreach (var item in items)
        {
            var connection = item.Origin.Connection;
            if (!authors.ContainsKey(item) && late.Contains(item) && !verified.ContainsKey(connection))
            {
                authors[item] = unreachable.Contains(connection) ? AuthorState.Unreachable : AuthorState.Gone;
            }
            else if (!authors.ContainsKey(item) && debtors.TryGetValue(item, out var standing))
            {
                authors[item] = standing;
            }
        }

        return authors;
    }

    /// <summary>Those to whom a dataset is owed, and those of whom that cannot be told now; each is asked about until it is found to owe nothing.</summary>
    private async Task<Dictionary<SubmitItem, AuthorState>> FindIndebtedAsync(IReadOnlyList<SubmitItem> items, CancellationToken cancellationToken)
    {
        var asked = items.OfType<ChangeItem>().Where(item => !paidUp.Contains(item)).ToList();
        try
        {
            var indebted = await debts.FindIndebtedAsync(asked, cancellationToken);
            paidUp.UnionWith(asked.Where(item => !indebted.Contains(item)));
            return indebted.ToDictionary(static item => (SubmitItem)item, static _ => AuthorState.Indebted);
        }
        catch (GatewayException exception)
        {
            services.Observer.Failed(replica.Project, exception);
            return asked.Where(DatasetDebts.IsInQuestion).ToDictionary(static item => (SubmitItem)item, static _ => AuthorState.Unclear);
        }
    }

    /// <summary>Asks the service which of the authors are there, about each one once in a while (<see cref="SequencerOptions.LateAfter"/>).</summary>
    public async Task VerifyAsync(IEnumerable<SubmitItem> late, CancellationToken cancellationToken)
    {
        foreach (var (connection, moment) in verified)
        {
            if (services.Time.GetElapsedTime(moment) > options.LateAfter)
            {
                verified.Remove(connection);
            }
        }

        var doubtful = late
            .Where(static item => item is not RestoreItem) // It came by HTTP, which is not delivered again.
            .Select(static item => item.Origin.Connection)
            .Where(connection => !verified.ContainsKey(connection))
            .Distinct()
            .ToList();
        unreachable.UnionWith(doubtful);
        foreach (var together in doubtful.Chunk(options.LooksInParallel))
        {
            var asked = services.Time.GetTimestamp();
            var answers = await Task.WhenAll(together.Select(connection => AskAsync(connection, cancellationToken)));
            foreach (var (connection, exists) in together.Zip(answers))
            {
                if (exists is { } known)
                {
                    unreachable.Remove(connection);
                    if (known)
                    {
                        verified[connection] = asked;
                    }
                }
            }

            if (Array.TrueForAll(answers, static exists => exists is null))
            {
                // It answers no question now. Asking the remaining ones would keep it from recovering.
                break;
            }
        }
    }

    /// <summary>Whether a connection is there; null when the service does not say.</summary>
    private async Task<bool?> AskAsync(ConnectionId connection, CancellationToken cancellationToken)
    {
        try
        {
            return await services.Gateway.ConnectionExistsAsync(connection, cancellationToken);
        }
        catch (GatewayException exception)
        {
            services.Observer.Failed(replica.Project, exception);
            return null;
        }
    }

    /// <summary>Asks about many at once: a tenth of all fresh events looks old enough, as the service tells their time in whole seconds.</summary>
    private async Task<Dictionary<SubmitItem, AuthorState>> FindInterruptedResyncsAsync(List<ChangeItem> items, CancellationToken cancellationToken)
    {
        var authors = new Dictionary<SubmitItem, AuthorState>();
        foreach (var together in items.Chunk(options.LooksInParallel))
        {
            var answers = await Task.WhenAll(together.Select(item => TryFindInterruptedResyncAsync(item, cancellationToken)));
            foreach (var (item, isInterruptedResync) in together.Zip(answers))
            {
                if (isInterruptedResync ?? true)
                {
                    authors[item] = isInterruptedResync is null ? AuthorState.Unclear : AuthorState.InterruptedResync;
                }
            }
        }

        return authors;
    }

    /// <summary>The answer, or null when there is none now.</summary>
    private async Task<bool?> TryFindInterruptedResyncAsync(ChangeItem item, CancellationToken cancellationToken)
    {
        try
        {
            return await IsInterruptedResyncAsync(item, cancellationToken);
        }
        catch (Exception exception) when (exception is GatewayException or StorageException)
        {
            services.Observer.Failed(replica.Project, exception);
            return null;
        }
    }

    private async Task<bool> IsInterruptedResyncAsync(ChangeItem item, CancellationToken cancellationToken)
    {
        var mark = GroupName.OfEvent(item.Origin.Connection, item.Origin.EventId);
        await foreach (var _ in services.Gateway.ListGroupAsync(mark, cancellationToken))
        {
            return true;
        }

        if (
            item is not { Session: null, Revisions.Count: > 1 }
            || replica.State.Repeats.FindEvent(item.Origin) is not { } last
        )
        {
            return false;
        }

        // Accepted up to a revision that was refused, after which no heal was begun.
        var accepted = 0;
        var first = Math.Max(1, last - options.CommitEntriesMax - item.Revisions.Count);
        await foreach (var entry in replica.Log.ReadEntriesAsync(first, last, cancellationToken))
        {
            accepted += entry.Origin == item.Origin ? 1 : 0;
        }

        return accepted < item.Revisions.Count;
    }

    private bool MayBeRedelivered(SubmitItem item) =>
        services.Time.GetUtcNow() - item.EventTime > options.RedeliveryAfter;

    private bool IsLate(SubmitItem item, int attempt) =>
        attempt > 1
        || services.Time.GetElapsedTime(item.Received) > options.LateAfter
        || services.Time.GetUtcNow() - item.EventTime > options.LateAfter;
}
