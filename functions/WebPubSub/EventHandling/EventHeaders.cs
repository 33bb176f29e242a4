using System.Globalization;
using Microsoft.AspNetCore.Http;
using ServerlessSync.Core.Model;
using ServerlessSync.WebPubSub.Gateway;

namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>
/// Reads the CloudEvents attributes of an event, which travel as headers (azure-web-pubsub, reference-cloud-events).
/// </summary>
internal static class EventHeaders
{
    private const string SystemEvent = "azure.webpubsub.sys.";

    // The only event for frames of plain clients; other events belong to subprotocols, which are not offered.
    private const string FrameEvent = "azure.webpubsub.user.message";

    /// <summary>Reads the headers. Returns null and the result, or the problem.</summary>
    public static EventProblem? Read(
        IHeaderDictionary headers,
        HubName hub,
        out EventKind kind,
        out EventContext? context
    )
    {
        kind = default;
        context = null;
        if (CheckEnvelope(headers, hub) is { } problem)
        {
            return problem;
        }

        if (KindOf(Single(headers, "ce-type")) is not { } type)
        {
            return Bad("ce-type is missing or not an event that is handled here");
        }

        if (Single(headers, "ce-connectionId") is not { Length: <= RestClientGateway.ConnectionIdCharsMax } connection)
        {
            return Bad(
                $"ce-connectionId is missing or longer than {RestClientGateway.ConnectionIdCharsMax} characters"
            );
        }

        if (!long.TryParse(Single(headers, "ce-id"), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            return Bad("ce-id is not a whole number from 0");
        }

        if (
            !DateTimeOffset.TryParse(
                Single(headers, "ce-time"),
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var time
            )
        )
        {
            return Bad("ce-time is not a time");
        }

        var user = headers["ce-userId"];
        if (user.Count > 1 || user.ToString().Length > EventLimits.HeaderCharsMax)
        {
            return Bad($"ce-userId is repeated or longer than {EventLimits.HeaderCharsMax} characters");
        }

        kind = type;
        context = new EventContext(
            new ConnectionId(connection),
            id,
            user.ToString() is { Length: > 0 } name ? name : null,
            ConnectionState.Read(headers[ConnectionState.Header]),
            time
        );
        return null;
    }

    private static EventProblem? CheckEnvelope(IHeaderDictionary headers, HubName hub)
    {
        if (Single(headers, "ce-specversion") is not "1.0")
        {
            return Bad("ce-specversion is not 1.0");
        }

        if (Single(headers, "ce-awpsversion")?.StartsWith("1.", StringComparison.Ordinal) is not true)
        {
            return Bad("ce-awpsversion is not 1.x");
        }

        return hub.Matches(Single(headers, "ce-hub")) ? null : Bad("ce-hub does not name this hub");
    }

    private static EventKind? KindOf(string? type) =>
        type switch
        {
            SystemEvent + "connect" => EventKind.Connect,
            SystemEvent + "connected" => EventKind.Connected,
            SystemEvent + "disconnected" => EventKind.Disconnected,
            FrameEvent => EventKind.Message,
            _ => null,
        };

    private static string? Single(IHeaderDictionary headers, string name) =>
        headers.TryGetValue(name, out var values)
        && values.Count == 1
        && values[0] is { Length: > 0 and <= EventLimits.HeaderCharsMax } value
            ? value
            : null;

    private static EventProblem Bad(string message) => new(StatusCodes.Status400BadRequest, message + ".");
}
