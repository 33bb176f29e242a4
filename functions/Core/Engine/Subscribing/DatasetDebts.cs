using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Engine.Subscribing;

/// <summary>
/// Which connections are owed a dataset because a change of theirs was refused. The service keeps it, in groups of the project that
/// nothing is sent to, so that it survives the engine that refused: <see cref="GroupName.OfOwed"/> from the refusal until just before
/// the dataset is sent, <see cref="GroupName.OfSettling"/> from then until the connection is back in the stream. What this engine itself
/// refused and sent it knows more exactly.
/// </summary>
internal sealed class DatasetDebts(EngineDependencies services, SequencerOptions options, ProjectReplica replica)
{
    /// <summary>How long it is worth knowing what was sent to a connection: longer than any such time lasts, redeliveries included.</summary>
    private static readonly TimeSpan Horizon = TimeSpan.FromSeconds(30);

    private readonly Dictionary<ConnectionId, Known> known = [];
    private readonly List<ConnectionId> settled = [];

    /// <summary>Whether connections are still to be taken out of the group of settling ones.</summary>
    public bool HasSettled => settled.Count > 0;

    /// <summary>Notes at the service that a change was refused and that its author is owed a dataset. False when the connection is gone.</summary>
    /// <exception cref="Model.GatewayException">The service may not know.</exception>
    public async Task<bool> OweAsync(ChangeItem item, CancellationToken cancellationToken)
    {
        var connection = item.Origin.Connection;

        // The mark of the event tells a second delivery that the first one was refused (decision 0014).
        var isThere = await Task.WhenAll(
            services.Gateway.AddToGroupAsync(GroupName.OfOwed(replica.Project), connection, cancellationToken),
            services.Gateway.AddToGroupAsync(GroupName.OfEvent(connection, item.Origin.EventId), connection, cancellationToken)
        );
        return isThere[0];
    }

    /// <summary>Notes that we refused a change.</summary>
    public void Note(ChangeItem item)
    {
        Prune();
        known[item.Origin.Connection] = new Known(item.Origin.EventId, SentAt: null, services.Time.GetTimestamp());
    }

    /// <summary>Whether the state of a change's connection says that a dataset was owed to it, and the change does not name its dataset.</summary>
    public static bool IsInQuestion(ChangeItem item) => item.DatasetState is { Stated: null, Pause.Owed: > 0 };

    /// <summary>The changes whose authors are owed a dataset, or may be: they are refused.</summary>
    public async Task<HashSet<ChangeItem>> FindIndebtedAsync(IEnumerable<ChangeItem> items, CancellationToken cancellationToken)
    {
        var indebted = new HashSet<ChangeItem>();
        var unknown = new List<ChangeItem>();
        foreach (var item in items.Where(IsInQuestion))
        {
            if (SentAtOf(item) is not { } sentAt)
            {
                unknown.Add(item);
            }
            else if (options.Window.IsInMargin(item.DatasetState.Made, sentAt))
            {
                indebted.Add(item);
            }
        }

        if (unknown.Count == 0)
        {
            return indebted;
        }

        var (owed, settling) = await ReadAsync(cancellationToken);

        // A connection in neither group was served at least a quiet time ago. That says something of a change that came in just now, and nothing
        // of one that has waited.
        var lately = services.Time.GetUtcNow() - (options.QuietTime - options.Window.Margin);
        indebted.UnionWith(
            unknown.Where(item =>
                owed.Contains(item.Origin.Connection) || settling.Contains(item.Origin.Connection) || item.DatasetState.Made < lately
            )
        );
        return indebted;
    }

    /// <summary>The connections that are owed a dataset, and those to which one is being sent.</summary>
    public async Task<(HashSet<ConnectionId> Owed, HashSet<ConnectionId> Settling)> ReadAsync(CancellationToken cancellationToken)
    {
        var read = await Task.WhenAll(
            ListAsync(GroupName.OfOwed(replica.Project), cancellationToken),
            ListAsync(GroupName.OfSettling(replica.Project), cancellationToken)
        );
        return (read[0], read[1]);
    }

    /// <summary>
    /// Before a dataset goes to a subscriber: what it is owed is paid with it. In this order, so that the service knows of the debt all the
    /// time, and of each refusal that comes from now on. A dataset for an event that waits also ends what another engine has begun.
    /// </summary>
    public async Task BeginAsync(JoinItem item, CancellationToken cancellationToken)
    {
        var connection = item.Origin.Connection;
        if (!item.IsDebt)
        {
            await CancelAsync(connection, cancellationToken);
            return;
        }

        // A call of unknown outcome may be carried out seconds later, and undo what is noted then.
        item.IsInDoubt = true;
        item.IsSettling = await services.Gateway.AddToGroupAsync(GroupName.OfSettling(replica.Project), connection, cancellationToken);
        await services.Gateway.RemoveFromGroupAsync(GroupName.OfOwed(replica.Project), connection, cancellationToken);
        item.IsInDoubt = false;
    }

    /// <summary>Notes that an owed dataset was sent.</summary>
    public void MarkSent(JoinItem item)
    {
        if (item.SentAt is { } sentAt && known.TryGetValue(item.Origin.Connection, out var debt))
        {
            known[item.Origin.Connection] = debt with { SentAt = sentAt };
        }
    }

    /// <summary>Whether it was sent is known no more, or another engine has sent it: the service is asked from now on.</summary>
    public void Forget(ConnectionId connection) => known.Remove(connection);

    /// <summary>Notes that a connection is back in the stream.</summary>
    public void MarkSettled(JoinItem item)
    {
        if (item.IsSettling)
        {
            settled.Add(item.Origin.Connection);
        }
    }

    /// <summary>Removes connections that are back in the stream from the group of settling ones.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        while (settled.Count > 0)
        {
            var connection = settled[^1];
            await services.Gateway.RemoveFromGroupAsync(GroupName.OfSettling(replica.Project), connection, cancellationToken);
            settled.Remove(connection);
        }
    }

    /// <summary>Takes a connection out of both groups that goes elsewhere, or gets the dataset for an event that waits.</summary>
    public async Task CancelAsync(ConnectionId connection, CancellationToken cancellationToken)
    {
        // Looked first: a removal for nothing that is carried out late could hit what is noted later.
        var (owed, settling) = await ReadAsync(cancellationToken);
        if (settling.Contains(connection))
        {
            await services.Gateway.RemoveFromGroupAsync(GroupName.OfSettling(replica.Project), connection, cancellationToken);
        }

        if (owed.Contains(connection))
        {
            await services.Gateway.RemoveFromGroupAsync(GroupName.OfOwed(replica.Project), connection, cancellationToken);
        }
    }

    /// <summary>Whether a connection is in the project's group.</summary>
    public async Task<bool> IsInStreamAsync(ConnectionId connection, CancellationToken cancellationToken) =>
        (await ListAsync(replica.Group, cancellationToken)).Contains(connection);

    /// <summary>When we sent what the refusal owes that its author's state names.</summary>
    private DateTimeOffset? SentAtOf(ChangeItem item) =>
        known.TryGetValue(item.Origin.Connection, out var debt) && debt.Refused == item.DatasetState.Pause!.Owed ? debt.SentAt : null;

    private async Task<HashSet<ConnectionId>> ListAsync(GroupName group, CancellationToken cancellationToken)
    {
        var members = new HashSet<ConnectionId>();
        await foreach (var connection in services.Gateway.ListGroupAsync(group, cancellationToken))
        {
            members.Add(connection);
        }

        return members;
    }

    private void Prune()
    {
        foreach (var (connection, debt) in known)
        {
            if (services.Time.GetElapsedTime(debt.Noted) > Horizon)
            {
                known.Remove(connection);
            }
        }
    }

    /// <param name="Refused">The last event that we refused.</param>
    /// <param name="SentAt">When we sent the dataset that it owes; null before.</param>
    /// <param name="Noted">When we refused it: a time stamp.</param>
    private sealed record Known(long Refused, DateTimeOffset? SentAt, long Noted);
}
