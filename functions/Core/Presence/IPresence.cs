using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Presence;

/// <summary>Keeps and announces who is here.</summary>
public interface IPresence
{
    /// <summary>Somebody has logged in: tells the others, and everybody the list. A repetition changes nothing.</summary>
    Task EnterAsync(ConnectionId connection, string userName, CancellationToken cancellationToken);

    /// <summary>A connection is gone or logged out: tells the others. Unknown connections are no error.</summary>
    Task LeaveAsync(ConnectionId connection, CancellationToken cancellationToken);
}
