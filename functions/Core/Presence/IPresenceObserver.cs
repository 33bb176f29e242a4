using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Presence;

/// <summary>
/// Hears what no caller is told, for logs and metrics. Called from within the work, so it must be quick and must not
/// throw. Every member does nothing by default.
/// </summary>
public interface IPresenceObserver
{
    /// <summary>An observer that ignores everything.</summary>
    static IPresenceObserver None { get; } = new Deaf();

    /// <summary>A list was sent.</summary>
    /// <param name="scope">To whom.</param>
    /// <param name="listed">Names in it.</param>
    /// <param name="cut">Whether a limit kept names out of it.</param>
    void ListSent(PresenceScope scope, int listed, bool cut) { }

    /// <summary>A <c>join</c> or <c>logout</c> was not sent, or may not have been; it is not repeated, the list says it.</summary>
    void NoticeFailed(PresenceScope scope, ConnectionId connection, GatewayException exception) { }

    /// <summary>A list was not sent, or may not have been; it stays due until the next change or reconciliation.</summary>
    void ListFailed(PresenceScope scope, GatewayException exception) { }

    /// <summary>The store failed after the callers' changes were stored: the list stays due, or the lease stands until it is taken over.</summary>
    void StorageFailed(PresenceScope scope, StorageException exception) { }

    /// <summary>The lease of a process that died, or was cut off, was taken over.</summary>
    void LeaseTakenOver(PresenceScope scope, long term) { }

    /// <summary>Reconciliation removed a connection whose end nobody had heard of.</summary>
    void Removed(PresenceScope scope, ConnectionId connection, string userName) { }

    private sealed class Deaf : IPresenceObserver;
}
