using System.Buffers;
using System.Text.Json;
using ServerlessSync.Core.Model;
using ServerlessSync.PubSubEmulator;
using ServerlessSync.PubSubEmulator.Connections;
using ServerlessSync.PubSubEmulator.Rest;
using ServerlessSync.PubSubEmulator.Upstream;

namespace ServerlessSync.Local.InProcess;

/// <summary>
/// Delivers events to event handlers in this process, with the contents of a CloudEvent: the same counter, state and
/// replies, and through <see cref="UpstreamDelivery"/> the same retries. Several handlers represent several instances;
/// events alternate between them.
/// </summary>
public sealed class InProcessUpstream : IUpstream
{
    private readonly IReadOnlyList<IEventHandler> handlers;
    private readonly ILogger<InProcessUpstream> logger;
    private uint turn = uint.MaxValue;

    /// <summary>Starts with the first handler.</summary>
    /// <exception cref="ArgumentException">There is no handler.</exception>
    public InProcessUpstream(IReadOnlyList<IEventHandler> handlers, ILogger<InProcessUpstream> logger)
    {
        ArgumentNullException.ThrowIfNull(handlers);
        if (handlers.Count == 0)
        {
            throw new ArgumentException("At least one event handler is required.", nameof(handlers));
        }

        this.handlers = handlers;
        this.logger = logger;
    }

    /// <inheritdoc/>
    public async Task<UpstreamReply> SendAsync(UpstreamEvent upstreamEvent, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(upstreamEvent);
        var handler = handlers[(int)(Interlocked.Increment(ref turn) % (uint)handlers.Count)];
        try
        {
            return Translate(await handler.HandleAsync(ToClientEvent(upstreamEvent), cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Over HTTP any exception of a handler is a 500; it must be no more than that here.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            PubSubLog.HandlerThrew(logger, exception, upstreamEvent.ConnectionId, upstreamEvent.Name);
            return Status(StatusCodes.Status500InternalServerError);
        }
    }

    private static ClientEvent ToClientEvent(UpstreamEvent upstreamEvent)
    {
        var context = new EventContext(
            new ConnectionId(upstreamEvent.ConnectionId),
            upstreamEvent.EventId,
            upstreamEvent.UserId,
            upstreamEvent.State,
            upstreamEvent.Time
        );
        return upstreamEvent.Kind switch
        {
            UpstreamEventKind.Connect => new ClientEvent.Connect(context),
            UpstreamEventKind.Connected => new ClientEvent.Connected(context),
            UpstreamEventKind.Message => new ClientEvent.Message(context, upstreamEvent.Body),
            _ => new ClientEvent.Disconnected(context),
        };
    }

    private static UpstreamReply.Answered Translate(EventReply reply) =>
        reply switch
        {
            EventReply.Done done => Status(StatusCodes.Status204NoContent, done.State),
            EventReply.Text text => new UpstreamReply.Answered(
                StatusCodes.Status200OK,
                "text/plain",
                text.Frame,
                text.State
            ),
            EventReply.Accepted accepted => new UpstreamReply.Answered(
                StatusCodes.Status200OK,
                "application/json",
                ConnectBody(accepted),
                accepted.State
            ),
            EventReply.Refused => Status(StatusCodes.Status401Unauthorized),
            _ => Status(StatusCodes.Status503ServiceUnavailable),
        };

    private static UpstreamReply.Answered Status(int status, string? state = null) => new(status, null, default, state);

    private static ReadOnlyMemory<byte> ConnectBody(EventReply.Accepted accepted)
    {
        var body = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(body);
        writer.WriteStartObject();
        if (accepted.User is not null)
        {
            writer.WriteString("userId", accepted.User);
        }

        writer.WriteStartArray("groups");
        foreach (var group in accepted.Groups)
        {
            writer.WriteStringValue(group.Value);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return body.WrittenMemory;
    }
}
