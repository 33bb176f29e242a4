using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ServerlessSync.Core.Model;

namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>Writes replies in the form that the service expects (azure-web-pubsub, reference-cloud-events).</summary>
internal static class EventReplyWriter
{
    /// <exception cref="InvalidOperationException">
    /// The reply does not fit the event, or exceeds a limit. Nothing has been written.
    /// </exception>
    public static Task WriteAsync(
        HttpResponse response,
        EventKind kind,
        EventReply reply,
        CancellationToken cancellationToken
    )
    {
        switch (kind, reply)
        {
            case (EventKind.Connected or EventKind.Disconnected, _):
                // The service ignores the answer to these; anything but success would only fill its log.
                response.StatusCode = StatusCodes.Status204NoContent;
                return Task.CompletedTask;
            case (_, EventReply.Refused):
                response.StatusCode = StatusCodes.Status401Unauthorized;
                return Task.CompletedTask;
            case (_, EventReply.Unavailable):
                response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return Task.CompletedTask;
            case (_, EventReply.Done done):
                SetState(response, done.State);
                response.StatusCode = StatusCodes.Status204NoContent;
                return Task.CompletedTask;
            case (EventKind.Message, EventReply.Text text):
                return WriteFrameAsync(response, text, cancellationToken);
            case (EventKind.Connect, EventReply.Accepted accepted):
                return WriteAcceptedAsync(response, accepted, cancellationToken);
            default:
                throw new InvalidOperationException($"A {reply.GetType().Name} is not a reply to {kind}.");
        }
    }

    private static async Task WriteFrameAsync(
        HttpResponse response,
        EventReply.Text text,
        CancellationToken cancellationToken
    )
    {
        if (text.Frame.Length is 0 or > GatewayLimits.MessageBytesMax)
        {
            throw new InvalidOperationException(
                $"A reply frame has 1 to {GatewayLimits.MessageBytesMax} bytes; this one has {text.Frame.Length}."
            );
        }

        SetState(response, text.State);
        // Without a content type the client would receive a binary frame.
        await WriteAsync(response, "text/plain; charset=utf-8", text.Frame, cancellationToken);
    }

    private static async Task WriteAcceptedAsync(
        HttpResponse response,
        EventReply.Accepted accepted,
        CancellationToken cancellationToken
    )
    {
        SetState(response, accepted.State);
        if (accepted.User is null && accepted.Groups.Count == 0)
        {
            response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        using var body = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            if (accepted.User is not null)
            {
                writer.WriteString("userId", accepted.User);
            }

            if (accepted.Groups.Count > 0)
            {
                writer.WriteStartArray("groups");
                foreach (var group in accepted.Groups)
                {
                    writer.WriteStringValue(group.Value);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        await WriteAsync(response, "application/json; charset=utf-8", body.ToArray(), cancellationToken);
    }

    private static async Task WriteAsync(
        HttpResponse response,
        string type,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken
    )
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = type;
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, cancellationToken);
    }

    private static void SetState(HttpResponse response, string? state)
    {
        if (state is not null)
        {
            response.Headers[ConnectionState.Header] = ConnectionState.Write(state);
        }
    }
}
