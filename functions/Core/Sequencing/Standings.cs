using ServerlessSync.Core.Identity;
using ServerlessSync.Core.Log;

namespace ServerlessSync.Core.Sequencing;

/// <summary>Where the author of a submission stands when it is decided.</summary>
internal enum Standing
{
    /// <summary>As far as is known it waits for what becomes of its submission.</summary>
    Here,

    /// <summary>Its connection is no more: it may have reconnected and loaded since, and would get its own old change on top of that.</summary>
    Gone,

    /// <summary>
    /// An earlier delivery of the same event was refused, wholly or from some revision on, and its heal broke off half-way: what is
    /// left is to heal it.
    /// </summary>
    Astray,

    /// <summary>A dataset is owed to it, or was sent so lately that it may not have seen it.</summary>
    Indebted,
}

/// <summary>Finds out about the authors of late submissions, with the service and the log.</summary>
internal sealed class Standings(SyncServices services, SequencerOptions options, ProjectReplica replica, DatasetDebts debts)
{
    /// <summary>Who was found, and when: lost races on a slow store can hold a batch up for seconds.</summary>
    private readonly Dictionary<ConnectionId, long> verified = [];

    /// <summary>Who was found to owe nothing: time that passes afterwards does not change that.</summary>
    private readonly HashSet<SubmitItem> paidUp = [];

    /// <summary>Forgets who was found; for a new batch.</summary>
    public void Clear()
    {
        verified.Clear();
        paidUp.Clear();
    }

    /// <summary>Where the authors stand; who is not in it is here.</summary>
    /// <exception cref="Gateway.GatewayException">The service does not say, so nothing may be applied.</exception>
    public async Task<Dictionary<SubmitItem, Standing>> FindAsync(
        IReadOnlyList<SubmitItem> items,
        int attempt,
        CancellationToken cancellationToken
    )
    {
        // Looked at once: what grows late while others are asked about must not be taken for somebody whom the service does not know.
        var late = items.Where(item => item is not RestoreItem && IsLate(item, attempt)).ToHashSet();
        var again = items.OfType<ChangeItem>().Where(MayBeRedelivered).ToList();
        var verification = VerifyAsync(late, cancellationToken);
        var astray = await FindAstrayAsync(again, cancellationToken);
        var asked = items.OfType<ChangeItem>().Where(item => !paidUp.Contains(item)).ToList();
        var indebted = await debts.FindIndebtedAsync(asked, cancellationToken);
        paidUp.UnionWith(asked.Where(item => !indebted.Contains(item)));
        await verification;
        var standings = new Dictionary<SubmitItem, Standing>();
        foreach (var item in items)
        {
            if (item is ChangeItem change && astray.Contains(change))
            {
                standings[item] = Standing.Astray;
            }
            else if (late.Contains(item) && !verified.ContainsKey(item.Origin.Connection))
            {
                standings[item] = Standing.Gone;
            }
            else if (item is ChangeItem owed && indebted.Contains(owed))
            {
                standings[item] = Standing.Indebted;
            }
        }

        return standings;
    }

    /// <summary>Asks the service which of the authors are there, about each one once in a while (<see cref="SequencerOptions.LateAfter"/>).</summary>
    /// <exception cref="Gateway.GatewayException">The service does not say.</exception>
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
            .Where(static item => item is not RestoreItem) // It came by HTTP, and nobody delivers that again.
            .Select(static item => item.Origin.Connection)
            .Where(connection => !verified.ContainsKey(connection))
            .Distinct()
            .ToList();
        foreach (var together in doubtful.Chunk(options.LooksInParallel))
        {
            var asked = services.Time.GetTimestamp();
            var exist = await Task.WhenAll(
                together.Select(connection => services.Gateway.ConnectionExistsAsync(connection, cancellationToken))
            );
            foreach (var (connection, _) in together.Zip(exist).Where(static pair => pair.Second))
            {
                verified[connection] = asked;
            }
        }
    }

    /// <summary>Asks about many at once: a tenth of all fresh events looks old enough, as the service tells their time in whole seconds.</summary>
    private async Task<HashSet<ChangeItem>> FindAstrayAsync(List<ChangeItem> items, CancellationToken cancellationToken)
    {
        var astray = new HashSet<ChangeItem>();
        foreach (var together in items.Chunk(options.LooksInParallel))
        {
            var found = await Task.WhenAll(together.Select(item => IsAstrayAsync(item, cancellationToken)));
            astray.UnionWith(together.Zip(found).Where(static pair => pair.Second).Select(static pair => pair.First));
        }

        return astray;
    }

    private async Task<bool> IsAstrayAsync(ChangeItem item, CancellationToken cancellationToken)
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
