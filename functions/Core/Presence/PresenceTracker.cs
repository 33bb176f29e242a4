using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Presence;

/// <summary>
/// Who is here, in one scope. There is one book per scope and process; books of different processes work on the same
/// rows. Every change is stored before anybody is told, and the last list that goes out shows what is stored.
/// </summary>
/// <remarks>
/// <para>
/// A change and the scope's head row are one transaction, so changes are counted in the order in which they happened.
/// Whoever changes something takes the lease on sending lists if it is free, and gives it back only when the head has not
/// moved since the list was read: so lists are read and sent in one order, whatever instance sends them. Who finds the
/// lease taken leaves the list to its holder, and takes over when the same term has stood for
/// <see cref="PresenceOptions.LeaseTime"/>.
/// </para>
/// <para>
/// Limits: <see cref="PresenceLimits"/>. Notices are sent once and not repeated; a send that was given up and is delivered
/// later than its successor leaves an old list standing until the next change or <c>users</c> message.
/// </para>
/// </remarks>
public sealed class PresenceTracker : IPresence, IAsyncDisposable
{
    private readonly PresenceScope scope;
    private readonly TimeProvider timeProvider;
    private readonly IIdSource ids;
    private readonly IPresenceObserver observer;
    private readonly PresenceMailbox mailbox;
    private readonly PresenceReconciliation reconciliation;
    private readonly PresenceLoop loop;

    /// <summary>Makes the book of a scope; does no I/O.</summary>
    /// <param name="store">Where rows live, in table <c>presence</c>.</param>
    /// <param name="gateway">Reaches the clients; gives a send up after at most 2 s.</param>
    /// <param name="dialect">Writes the messages.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="ids">Names this process and its changes; gives jitter.</param>
    /// <param name="scope">Which people.</param>
    /// <param name="options">Times; null for the defaults.</param>
    /// <param name="observer">Hears failures that no caller is told; null for none.</param>
    /// <exception cref="ArgumentException">The partition is no table key, or a time is out of range.</exception>
    public PresenceTracker(
        ITableStore store,
        IClientGateway gateway,
        IDialect dialect,
        TimeProvider timeProvider,
        IIdSource ids,
        PresenceScope scope,
        PresenceOptions? options = null,
        IPresenceObserver? observer = null
    )
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(gateway);
        ArgumentNullException.ThrowIfNull(dialect);
        ArgumentNullException.ThrowIfNull(timeProvider);
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(scope);
        TableLimits.CheckKey(scope.Partition, nameof(scope));
        options ??= new PresenceOptions();
        options.Check(nameof(options));
        observer ??= IPresenceObserver.None;
        this.scope = scope;
        this.timeProvider = timeProvider;
        this.ids = ids;
        this.observer = observer;
        var table = new PresenceTable(store, scope.Partition);
        var lease = new PresenceLease(
            table,
            ids.NewId(),
            timeProvider,
            options.LeaseTime,
            term => observer.LeaseTakenOver(scope, term)
        );
        mailbox = new PresenceMailbox(timeProvider);
        reconciliation = new PresenceReconciliation(table, gateway, scope, options, timeProvider);
        loop = new PresenceLoop(
            mailbox,
            table,
            lease,
            new PresenceWriter(table, lease, timeProvider, ids),
            new PresenceAnnouncer(gateway, dialect, scope, observer),
            timeProvider,
            options,
            observer,
            scope
        );
    }

    /// <summary>
    /// Somebody logged in. Others get <c>join</c>, then all get <c>users</c>. The caller has put the connection in the
    /// group and sent it its <c>login</c>. Under the name it already has, nothing changes; under another, others get
    /// <c>logout</c> of the old name and <c>join</c> of the new.
    /// </summary>
    /// <returns>When the list with the newcomer was sent, was left to the instance that holds the lease, or failed to be sent.</returns>
    /// <param name="connection">The connection.</param>
    /// <param name="userName">A name that <see cref="PresenceLimits.IsUserName"/> allows.</param>
    /// <param name="cancellationToken">Ends the wait only; what was asked is still done.</param>
    /// <exception cref="ArgumentException">The name is not allowed, or the connection id is too long.</exception>
    /// <exception cref="StorageException">It could not be stored, or may not have been; doing it again is safe.</exception>
    public async Task EnterAsync(ConnectionId connection, string userName, CancellationToken cancellationToken)
    {
        if (!PresenceLimits.IsUserName(userName))
        {
            throw new ArgumentException(PresenceLimits.UserNameRule, nameof(userName));
        }

        var row = new PresenceRow(connection, userName, timeProvider.GetUtcNow(), ids.NewId(), Missed: null);
        await DoAsync(PresenceChange.Enter(row), cancellationToken);
    }

    /// <summary>
    /// Somebody logged out or was disconnected. Others get <c>logout</c>, then all get <c>users</c>. Nothing happens for a
    /// connection that is not here, since ends are told more than once. The caller has taken the connection out of the
    /// group, or it is closed; otherwise it gets the list too.
    /// </summary>
    /// <returns>As for <see cref="EnterAsync"/>.</returns>
    /// <param name="connection">The connection.</param>
    /// <param name="cancellationToken">Ends the wait only; what was asked is still done.</param>
    /// <exception cref="ArgumentException">The connection id is too long.</exception>
    /// <exception cref="StorageException">It could not be stored, or may not have been; doing it again is safe.</exception>
    public async Task LeaveAsync(ConnectionId connection, CancellationToken cancellationToken) =>
        await DoAsync(PresenceChange.Leave(connection), cancellationToken);

    /// <summary>
    /// Removes and announces connections that are in no listing of the group twice in a row, at least
    /// <see cref="PresenceOptions.MissInterval"/> apart, and older than <see cref="PresenceOptions.Grace"/>; sends a list
    /// that is due. To be called by a timer, about once a minute; several instances may do so.
    /// </summary>
    /// <exception cref="StorageException">The store failed; the next call goes on.</exception>
    /// <exception cref="GatewayException">The group could not be listed; nobody was removed.</exception>
    public async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        // First, so that a list that is due goes out even when the group cannot be listed.
        await DoAsync(PresenceChange.Check(), cancellationToken);
        var gone = await reconciliation.FindGoneAsync(cancellationToken);
        foreach (var chunk in gone.Chunk(PresenceLimits.BatchChangesMax))
        {
            await Task.WhenAll(chunk.Select(stored => RemoveAsync(stored, cancellationToken)));
        }
    }

    /// <summary>Stores what was asked, sends a list that is due without waiting for its turn, and ends.</summary>
    public async ValueTask DisposeAsync() => await mailbox.StopAsync();

    private async Task RemoveAsync(StoredPresence stored, CancellationToken cancellationToken)
    {
        var change = PresenceChange.Remove(stored);
        await DoAsync(change, cancellationToken);
        if (change.Gone is { } row)
        {
            observer.Removed(scope, row.Connection, row.UserName);
        }
    }

    private async Task DoAsync(PresenceChange change, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        change.AwaitedBy(done);
        if (mailbox.Post(change))
        {
            // The loop outlives its first caller and reports to every caller on its own.
            _ = loop.RunAsync();
        }

        await using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token),
            done
        );
        await done.Task;
    }
}
