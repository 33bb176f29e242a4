using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Presence;

/// <summary>
/// Observes events that no caller sees, for logs and metrics. Called inline, so implementations must be fast and must
/// not throw. Every member does nothing by default.
/// </summary>
public interface IPresenceObserver
{
    /// <summary>An observer that ignores everything.</summary>
    static IPresenceObserver None { get; } = new NullObserver();

    /// <summary>A list was sent.</summary>
    /// <param name="scope">The scope of its recipients.</param>
    /// <param name="listed">The number of names in it.</param>
    /// <param name="cut">Whether a limit truncated it.</param>
    void ListSent(PresenceScope scope, int listed, bool cut) { }

    /// <summary>
    /// A <c>join</c> or <c>logout</c> was not sent, or may not have been. It is not repeated; the list contains the
    /// change.
    /// </summary>
    void NoticeFailed(PresenceScope scope, ConnectionId connection, GatewayException exception) { }

    /// <summary>
    /// A list was not sent, or may not have been. It stays due until the next change or reconciliation.
    /// </summary>
    void ListFailed(PresenceScope scope, GatewayException exception) { }

    /// <summary>
    /// The store failed after the callers' changes were stored. The list stays due, or the lease stays held until a
    /// take-over.
    /// </summary>
    void StorageFailed(PresenceScope scope, StorageException exception) { }

    /// <summary>The lease of an instance that died or was cut off was taken over.</summary>
    void LeaseTakenOver(PresenceScope scope, long term) { }

    /// <summary>Reconciliation removed a connection whose close event was lost.</summary>
    void Removed(PresenceScope scope, ConnectionId connection, string userName) { }

    private sealed class NullObserver : IPresenceObserver;
}
