using System.Runtime.CompilerServices;
using Azure.Core;
using ServerlessSync.Core.Model;

namespace ServerlessSync.WebPubSub.Gateway;

/// <summary>The gateway over Web PubSub's REST interface. Sends each call once; thread-safe.</summary>
public sealed class RestClientGateway : IClientGateway
{
    /// <summary>Longest group name in characters (REST description 2024-12-01).</summary>
    public const int GroupNameCharsMax = 1024;

    /// <summary>Longest connection id in characters; the service's own have about 30.</summary>
    public const int ConnectionIdCharsMax = 256;

    /// <summary>Longest reason for closing a connection, in characters; it travels in the URL.</summary>
    public const int CloseReasonCharsMax = 256;

    /// <summary>
    /// The most groups that one move can empty: each is a clause of a filter, which may have about 100
    /// (reference-odata-filter).
    /// </summary>
    public const int MovedGroupsMax = 50;

    private const int NotFound = 404;
    private readonly DataPlane plane;

    /// <summary>Sends all calls through <paramref name="plane"/>.</summary>
    public RestClientGateway(DataPlane plane)
    {
        ArgumentNullException.ThrowIfNull(plane);
        this.plane = plane;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// The message is empty or longer than <see cref="GatewayLimits.MessageBytesMax"/>, more connections than
    /// <see cref="GatewayLimits.ExcludedConnectionsMax"/> are excluded, or a name is too long.
    /// </exception>
    public async Task SendToGroupAsync(
        GroupName group,
        ReadOnlyMemory<byte> message,
        Audience audience,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(audience);
        if (message.Length is 0 or > GatewayLimits.MessageBytesMax)
        {
            throw new ArgumentException(
                $"A message must have 1 to {GatewayLimits.MessageBytesMax} bytes; this one has {message.Length}.",
                nameof(message)
            );
        }

        // A body declared as JSON becomes a text frame without an envelope.
        var call = Call("send to group", RequestMethod.Post).At("groups", Checked(group)).At(":send");
        await Narrow(call, audience).Sending(message).SendAsync(alsoExpected: 0, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<bool> AddToGroupAsync(
        GroupName group,
        ConnectionId connection,
        CancellationToken cancellationToken
    )
    {
        var call = Call("add to group", RequestMethod.Put)
            .At("groups", Checked(group))
            .At("connections", Checked(connection));
        var answer = await call.SendAsync(NotFound, cancellationToken);
        return answer.Status != NotFound;
    }

    /// <inheritdoc/>
    public async Task RemoveFromGroupAsync(
        GroupName group,
        ConnectionId connection,
        CancellationToken cancellationToken
    )
    {
        var call = Call("remove from group", RequestMethod.Delete)
            .At("groups", Checked(group))
            .At("connections", Checked(connection));
        await call.SendAsync(NotFound, cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">There is no group, more than <see cref="MovedGroupsMax"/>, or the target is
    /// among them.</exception>
    public async Task MoveGroupAsync(IReadOnlyList<GroupName> from, GroupName to, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(from);
        if (from.Count is 0 or > MovedGroupsMax)
        {
            throw new ArgumentException(
                $"A move empties 1 to {MovedGroupsMax} groups, not {from.Count}.",
                nameof(from)
            );
        }

        if (from.Contains(to))
        {
            throw new ArgumentException("A group cannot be moved into itself.", nameof(to));
        }

        // The sources are the filter of both calls and are left last, so that a move interrupted in between can be
        // repeated.
        var sources = from.Select(Checked).ToArray();
        var filter = string.Join(" or ", sources.Select(source => $"{RestFilter.Quote(source)} in groups"));
        await Call("move group: add", RequestMethod.Post)
            .At(":addToGroups")
            .Sending(RestFilter.Body([Checked(to)], filter))
            .SendAsync(alsoExpected: 0, cancellationToken);
        await Call("move group: remove", RequestMethod.Post)
            .At(":removeFromGroups")
            .Sending(RestFilter.Body(sources, filter))
            .SendAsync(alsoExpected: 0, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<bool> ConnectionExistsAsync(ConnectionId connection, CancellationToken cancellationToken)
    {
        var call = Call("probe connection", RequestMethod.Head).At("connections", Checked(connection));
        var answer = await call.SendAsync(NotFound, cancellationToken);
        return answer.Status != NotFound;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The reason is longer than <see cref="CloseReasonCharsMax"/>.</exception>
    public async Task CloseConnectionAsync(ConnectionId connection, string reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reason);
        if (reason.Length > CloseReasonCharsMax)
        {
            throw new ArgumentException($"A reason must have at most {CloseReasonCharsMax} characters.", nameof(reason));
        }

        var call = Call("close connection", RequestMethod.Delete)
            .At("connections", Checked(connection))
            .With("reason", reason);
        await call.SendAsync(NotFound, cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ConnectionId> ListGroupAsync(
        GroupName group,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var first = Call("list group", RequestMethod.Get)
            .At("groups", Checked(group))
            .At("connections")
            .With("maxpagesize", GroupPage.ConnectionsMax.ToString());
        var address = first.Address;
        var call = first;
        for (var pages = 1; ; pages++)
        {
            var answer = await call.SendAsync(NotFound, cancellationToken);
            // A group exists only while it has members.
            var page = answer.Status == NotFound ? GroupPage.Empty : GroupPage.Read(answer, address);
            foreach (var connection in page.Connections)
            {
                yield return connection;
            }

            if (page.Next is null)
            {
                yield break;
            }

            if (pages == GroupPage.PagesMax)
            {
                throw new GatewayException($"Web PubSub returned more than {GroupPage.PagesMax} pages: list group.");
            }

            call = Call("list group", RequestMethod.Get).Following(page.Next);
        }
    }

    private static RestCall Narrow(RestCall call, Audience audience)
    {
        switch (audience)
        {
            case Audience.Except { Connections.Count: > GatewayLimits.ExcludedConnectionsMax } except:
                throw new ArgumentException(
                    $"A send excludes at most {GatewayLimits.ExcludedConnectionsMax} connections, not {except.Connections.Count}.",
                    nameof(audience)
                );
            case Audience.Except except:
                return except.Connections.Aggregate(call, (all, one) => all.With("excluded", Checked(one)));
            case Audience.Only only:
                return call.With("filter", $"connectionId eq {RestFilter.Quote(Checked(only.Connection))}");
            default:
                throw new ArgumentException($"Unknown audience {audience.GetType().Name}.", nameof(audience));
        }
    }

    private static string Checked(GroupName group) =>
        group.Value is { Length: > 0 and <= GroupNameCharsMax } name
            ? name
            : throw new ArgumentException($"A group name has 1 to {GroupNameCharsMax} characters.", nameof(group));

    private static string Checked(ConnectionId connection) =>
        connection.Value is { Length: > 0 and <= ConnectionIdCharsMax } id
            ? id
            : throw new ArgumentException(
                $"A connection id has 1 to {ConnectionIdCharsMax} characters.",
                nameof(connection)
            );

    private RestCall Call(string operation, RequestMethod method) => new(plane, operation, method);
}
