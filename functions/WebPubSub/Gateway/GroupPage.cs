using System.Text.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.WebPubSub.Gateway;

/// <summary>One page of a group's connections.</summary>
internal sealed record GroupPage(IReadOnlyList<ConnectionId> Connections, Uri? Next)
{
    /// <summary>Connections per page; the maximum of the service (REST description 2024-12-01).</summary>
    public const int ConnectionsMax = 200;

    /// <summary>The most pages of one listing: twice what the largest resource (100 units of 1,000 connections) can fill.</summary>
    public const int PagesMax = 1000;

    /// <summary>The most bytes of one page: 200 entries of an id and a user name take a fraction of it.</summary>
    public const int BytesMax = 1024 * 1024;

    /// <summary>No connections and no further page.</summary>
    public static GroupPage Empty { get; } = new([], null);

    /// <summary>Reads a page. <paramref name="listing"/> is the address of the first page.</summary>
    /// <exception cref="GatewayException">The response is not a page, or its link leaves the listing.</exception>
    public static GroupPage Read(RestAnswer answer, Uri listing)
    {
        if (answer.Body.ToMemory().Length > BytesMax)
        {
            throw new GatewayException($"Web PubSub returned a page of more than {BytesMax} bytes: list group.");
        }

        try
        {
            using var document = JsonDocument.Parse(answer.Body.ToMemory());
            var root = document.RootElement;
            var connections = root.GetProperty("value")
                .EnumerateArray()
                .Select(entry => new ConnectionId(entry.GetProperty("connectionId").GetString() ?? string.Empty))
                .Where(connection => connection.Value.Length > 0)
                .ToArray();
            var link =
                root.TryGetProperty("nextLink", out var next) && next.ValueKind == JsonValueKind.String
                    ? next.GetString()
                    : null;
            return new GroupPage(connections, string.IsNullOrEmpty(link) ? null : Follow(link, listing));
        }
        catch (Exception exception)
            when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new GatewayException("Web PubSub returned an unreadable page: list group.", exception);
        }
    }

    // The call to the link carries our credentials, so it must go to the same path as the listing.
    private static Uri Follow(string link, Uri listing) =>
        Uri.TryCreate(listing, link, out var next)
        && next.UserInfo.Length == 0
        && string.Equals(
            next.GetLeftPart(UriPartial.Path),
            listing.GetLeftPart(UriPartial.Path),
            StringComparison.OrdinalIgnoreCase
        )
            ? next
            : throw new GatewayException("Web PubSub returned a link that leaves the listing: list group.");
}
