using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Presence;

/// <summary>
/// Tracks the logged-in connections of one scope. Each process has one tracker per scope; trackers of different
/// processes share the rows. Every change is stored before it is announced, and the last list that is sent shows the
/// stored state.
/// </summary>
/// <remarks>
/// <para>
/// A change and the scope's head row are written in one transaction, so changes are totally ordered. An instance that
/// writes a change also takes the lease on sending lists if it is free. It releases the lease only when the head has
/// not changed since the list was read, so lists are read and sent in one order across instances. An instance that
/// finds the lease held leaves the list to the holder, and takes over when the term has been unchanged for
/// <see cref="PresenceOptions.LeaseTime"/>.
/// </para>
/// <para>
/// Limits: <see cref="PresenceLimits"/>. Notices are not repeated. A send that timed out and is delivered after its
/// successor leaves an outdated list until the next change or <c>users</c> message.
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

    /// <summary>Creates the tracker of a scope without I/O.</summary>
    /// <param name="store">The store of the rows, in table <c>presence</c>.</param>
    /// <param name="gateway">Sends to clients; a send times out after at most 2 s.</param>
    /// <param name="dialect">Writes the messages.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="ids">The source of names for this instance and its changes, and of jitter.</param>
    /// <param name="scope">The scope.</param>
    /// <param name="options">Timing; null for the defaults.</param>
    /// <param name="observer">Observes failures that no caller sees; null for none.</param>
    /// <exception cref="ArgumentException">
    /// The partition is not a valid table key, or a time is out of range.
    /// </exception>
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
    /// Adds a logged-in connection. The other members receive <c>join</c>, then all receive <c>users</c>. The caller
    /// has added the connection to the group and sent it its <c>login</c>. Under the same name again, nothing changes;
    /// under another name, the others receive <c>logout</c> of the old name and <c>join</c> of the new one.
    /// </summary>
    /// <returns>
    /// A task that completes when the list with the connection was sent, was left to the lease holder, or failed to be
    /// sent.
    /// </returns>
    /// <param name="connection">The connection.</param>
    /// <param name="userName">A name that <see cref="PresenceLimits.IsUserName"/> allows.</param>
    /// <param name="cancellationToken">Cancels the wait only; the change is still made.</param>
    /// <exception cref="ArgumentException">The name is not allowed, or the connection id is too long.</exception>
    /// <exception cref="StorageException">
    /// The change was not stored, or may not have been; repeating it is safe.
    /// </exception>
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
    /// Removes a connection that logged out or closed. The others receive <c>logout</c>, then all receive <c>users</c>.
    /// Does nothing for an unknown connection, since an end can be reported more than once. The caller has removed the
    /// connection from the group, or it is closed; otherwise it receives the list too.
    /// </summary>
    /// <returns>As for <see cref="EnterAsync"/>.</returns>
    /// <param name="connection">The connection.</param>
    /// <param name="cancellationToken">Cancels the wait only; the change is still made.</param>
    /// <exception cref="ArgumentException">The connection id is too long.</exception>
    /// <exception cref="StorageException">
    /// The change was not stored, or may not have been; repeating it is safe.
    /// </exception>
    public async Task LeaveAsync(ConnectionId connection, CancellationToken cancellationToken) =>
        await DoAsync(PresenceChange.Leave(connection), cancellationToken);

    /// <summary>
    /// Removes and announces connections that were missing in two consecutive listings of the group, at least
    /// <see cref="PresenceOptions.MissInterval"/> apart, and are older than <see cref="PresenceOptions.Grace"/>. Also
    /// sends a due list. Call it from a timer about once a minute, on one instance or on several.
    /// </summary>
    /// <exception cref="StorageException">The store failed; the next call continues.</exception>
    /// <exception cref="GatewayException">The group could not be listed; no connection was removed.</exception>
    public async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        // First, so that a due list is sent even when the group cannot be listed.
        await DoAsync(PresenceChange.Check(), cancellationToken);
        var gone = await reconciliation.FindGoneAsync(cancellationToken);
        foreach (var chunk in gone.Chunk(PresenceLimits.BatchChangesMax))
        {
            await Task.WhenAll(chunk.Select(stored => RemoveAsync(stored, cancellationToken)));
        }
    }

    /// <summary>Stores pending changes, sends a due list without further delay, and stops.</summary>
    public async ValueTask DisposeAsync() => await mailbox.StopAsync();

    private async Task RemoveAsync(StoredPresence stored, CancellationToken cancellationToken)
    {
        var change = PresenceChange.Remove(stored);
        await DoAsync(change, cancellationToken);
        if (change.Left is { } row)
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
            // Not awaited: the loop outlives its first caller and reports to each caller separately.
            _ = loop.RunAsync();
        }

        await using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token),
            done
        );
        await done.Task;
    }
}
