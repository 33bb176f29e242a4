using ServerlessSync.PubSubEmulator.Upstream;

namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>Creates the events of connections, with their numbers, times and ids.</summary>
internal sealed class EventStamp(PubSubOptions options, TimeProvider time)
{
    /// <summary>Creates an event with the connection's next number.</summary>
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
