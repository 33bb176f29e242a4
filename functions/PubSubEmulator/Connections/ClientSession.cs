using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using ServerlessSync.PubSubEmulator.Upstream;

namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>
/// The lifetime of one open connection: one loop writes frames in order; another forwards the client's messages, each after
/// the response to the previous one (reference-cloud-events, blocking events).
/// </summary>
internal sealed class ClientSession(
    ClientConnection connection,
    PubSubService service,
    UpstreamDelivery delivery,
    EventStamp stamp,
    BackgroundWork background,
    TimeProvider time,
    ILogger logger
)
{
    // How long the client has for its close frame; our own limit, so that a silent client cannot keep a closed connection.
    private static readonly TimeSpan CloseWithin = TimeSpan.FromSeconds(5);

    private ITimer? deadline;
    private int ended;

    /// <summary>Runs until the connection has ended.</summary>
    public async Task RunAsync(WebSocket socket, Transport transport, CancellationToken transportLost)
    {
        PubSubLog.ConnectionOpen(logger, connection.Id, connection.UserId);
        connection.OnClosing(request => BeginClose(request, transport));

        // A transport that breaks while a message is being handled is reported at once, not after the handler (measured).
        await using var lost = transportLost.Register(() => End(CloseRequest.Lost));
        var connected = stamp.Create(connection, UpstreamEventKind.Connected, "application/json", "{}"u8.ToArray());
        background.Add(delivery.DeliverAsync(connected, CancellationToken.None));
        var writing = WriteAsync(socket, transport);
        await ReadAsync(socket);
        await writing;
        transport.Release();
        deadline?.Dispose();
    }

    /// <summary>Reports the end of the connection exactly once, whichever side notices it first.</summary>
    public void End(CloseRequest request)
    {
        connection.Close(request);
        service.Forget(connection);
        if (Interlocked.Exchange(ref ended, 1) == 1)
        {
            return;
        }

        var reason = connection.CloseRequest!.Reason;
        PubSubLog.ConnectionEnded(logger, connection.Id, reason);
        var body = Encoding.UTF8.GetBytes($"{{\"reason\":\"{JsonEncodedText.Encode(reason)}\"}}");
        var disconnected = stamp.Create(connection, UpstreamEventKind.Disconnected, "application/json", body);
        background.Add(delivery.DeliverAsync(disconnected, CancellationToken.None));
    }

    private async Task ReadAsync(WebSocket socket)
    {
        using var reader = new FrameReader(socket, PubSubLimits.MessageBytesMax);
        try
        {
            while (IsOpen())
            {
                var frame = await reader.ReadAsync();
                if (frame.Kind == ReceivedKind.Close)
                {
                    End(CloseRequest.ByClient(socket.CloseStatus, socket.CloseStatusDescription));
                    return;
                }

                if (frame.Kind == ReceivedKind.TooBig)
                {
                    service.Close(connection, CloseRequest.MessageTooBig);
                }
                else if (IsOpen())
                {
                    await ForwardAsync(frame);
                }
            }

            await reader.SkipToCloseAsync();
            End(CloseRequest.Lost);
        }
        catch (WebSocketException exception) when (exception.WebSocketErrorCode == WebSocketError.Faulted)
        {
            // The client sent something that is not a WebSocket message, such as a text frame that is not UTF-8. The socket
            // sent 1007 or 1002 before it threw; aborting the transport now would discard that.
            End(CloseRequest.InvalidFrame);
        }
        catch (Exception exception) when (IsTransportFailure(exception))
        {
            End(CloseRequest.Lost);
        }
    }

    private bool IsOpen() => connection.CloseRequest is null;

    private async Task ForwardAsync(ReceivedFrame frame)
    {
        var contentType = frame.Kind == ReceivedKind.Text ? "text/plain; charset=utf-8" : "application/octet-stream";
        var message = stamp.Create(connection, UpstreamEventKind.Message, contentType, frame.Payload);
        var reply = await delivery.DeliverAsync(message, CancellationToken.None);
        if (reply is not UpstreamReply.Answered { IsSuccess: true } answer || !TryFrame(answer, out var response))
        {
            PubSubLog.ConnectionDropped(logger, connection.Id, CloseRequest.MessageFailed.Reason);
            service.Close(connection, CloseRequest.MessageFailed);
            return;
        }

        connection.State = answer.State ?? connection.State;
        if (response is not null && !connection.TrySend(response))
        {
            service.Close(connection, CloseRequest.SlowClient);
        }
    }

    /// <summary>The frame of a response, if any; false for a response that cannot be sent to a client.</summary>
    private static bool TryFrame(UpstreamReply.Answered answer, out OutboundFrame? frame)
    {
        // No content type means binary, as in the service (reference-cloud-events).
        WebSocketMessageType? type = answer.ContentType switch
        {
            "text/plain" or "application/json" => WebSocketMessageType.Text,
            null or "application/octet-stream" => WebSocketMessageType.Binary,
            _ => null,
        };
        frame =
            type is null || answer.Body.Length is 0 or > PubSubLimits.MessageBytesMax
                ? null
                : new OutboundFrame(answer.Body, type.Value);
        return answer.Body.IsEmpty
            || (frame is not null && (frame.Type == WebSocketMessageType.Binary || Utf8.IsValid(answer.Body.Span)));
    }

    private async Task WriteAsync(WebSocket socket, Transport transport)
    {
        try
        {
            await foreach (var frame in connection.FramesAsync())
            {
                if (connection.CloseRequest is { IsFlushed: false })
                {
                    break;
                }

                if (frame.ExpiresAt is null || time.GetTimestamp() <= frame.ExpiresAt)
                {
                    await socket.SendAsync(frame.Payload, frame.Type, endOfMessage: true, CancellationToken.None);
                }
            }

            var request = connection.CloseRequest!;
            if (!request.IsAbrupt && socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(request.Status, request.Text, CancellationToken.None);
            }
        }
        catch (Exception exception) when (IsTransportFailure(exception))
        {
            End(CloseRequest.Lost);
            transport.Cut();
        }
    }

    private void BeginClose(CloseRequest request, Transport transport)
    {
        if (request.IsAbrupt)
        {
            transport.Cut();
        }
        else
        {
            // Starts with the request, not with the close frame: a receiver that reads nothing would delay the frame
            // indefinitely.
            deadline ??= time.CreateTimer(_ => transport.Cut(), state: null, CloseWithin, Timeout.InfiniteTimeSpan);
        }
    }

    private static bool IsTransportFailure(Exception exception) =>
        exception is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException;
}
