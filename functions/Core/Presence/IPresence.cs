using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Presence;

/// <summary>Tracks the logged-in connections and announces changes.</summary>
public interface IPresence
{
    /// <summary>
    /// Adds a logged-in connection. Announces it to the other clients, and sends the list to all. Idempotent.
    /// </summary>
    Task EnterAsync(ConnectionId connection, string userName, CancellationToken cancellationToken);

    /// <summary>
    /// Removes a connection that logged out or closed, and announces it. Unknown connections are no error.
    /// </summary>
    Task LeaveAsync(ConnectionId connection, CancellationToken cancellationToken);
}
