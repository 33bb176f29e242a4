using ServerlessSync.PubSubEmulator.Upstream;

namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>Makes the events of connections: numbers, times and ids.</summary>
internal sealed class EventStamp(PubSubOptions options, TimeProvider time)
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
            options.NewId(),
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
