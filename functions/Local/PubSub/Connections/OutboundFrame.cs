using System.Net.WebSockets;

namespace ServerlessSync.Local.PubSub.Connections;

/// <summary>One frame for clients. All receivers of a send share it, so its payload is never changed.</summary>
/// <param name="Payload">The bytes as they were sent: simple clients get no envelope.</param>
/// <param name="Type">Text or binary.</param>
/// <param name="ExpiresAt">The <see cref="TimeProvider"/> timestamp after which it is not delivered any more; null for never.</param>
internal sealed record OutboundFrame(ReadOnlyMemory<byte> Payload, WebSocketMessageType Type, long? ExpiresAt = null);
