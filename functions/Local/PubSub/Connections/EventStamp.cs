using ServerlessSync.Core.Identity;
using ServerlessSync.Local.PubSub.Upstream;

namespace ServerlessSync.Local.PubSub.Connections;

/// <summary>Makes the events of connections: numbers, times and ids.</summary>
internal sealed class EventStamp(PubSubOptions options, TimeProvider time, IIdSource ids)
{
    /// <summary>A new event that takes the next number of the connection.</summary>
    public UpstreamEvent Create(
        ClientConnection connection,
        UpstreamEventKind kind,
        string contentType,
        ReadOnlyMemory<byte> body
    ) =>
        new(
            kind,
            options.HubInLowerCase,
            connection.Id,
            connection.NextEventId(),
            ids.NewId(),
            time.GetUtcNow(),
            connection.UserId,
            connection.Subprotocol,
            connection.State,
            contentType,
            body
        )
        {
            Cookies = connection.Cookies,
        };
}
