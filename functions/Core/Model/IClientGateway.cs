namespace ServerlessSync.Core.Model;

/// <summary>
/// What the engine needs of Web PubSub's data plane. Messages are complete text frames (UTF-8 JSON), at most
/// <see cref="GatewayLimits.MessageBytesMax"/> bytes. Awaited sends of one caller arrive in their order.
/// </summary>
/// <remarks>
/// No operation is repeated by the implementation: a send whose answer is lost may be delivered later, and only the
/// caller knows what that means. Failures are <see cref="GatewayException"/>.
/// </remarks>
public interface IClientGateway
{
    /// <summary>Sends a frame to the members of a group, narrowed by <paramref name="audience"/>. An empty group is no error.</summary>
    Task SendToGroupAsync(
        GroupName group,
        ReadOnlyMemory<byte> message,
        Audience audience,
        CancellationToken cancellationToken
    );

    /// <summary>Adds a connection to a group. False when the connection no longer exists.</summary>
    Task<bool> AddToGroupAsync(GroupName group, ConnectionId connection, CancellationToken cancellationToken);

    /// <summary>Takes a connection out of a group; no error when it is not in it or gone.</summary>
    Task RemoveFromGroupAsync(GroupName group, ConnectionId connection, CancellationToken cancellationToken);

    /// <summary>Puts all members of the <paramref name="from"/> groups into <paramref name="to"/>, then takes them out of <paramref name="from"/>.</summary>
    Task MoveGroupAsync(IReadOnlyList<GroupName> from, GroupName to, CancellationToken cancellationToken);

    /// <summary>Whether a connection is open.</summary>
    Task<bool> ConnectionExistsAsync(ConnectionId connection, CancellationToken cancellationToken);

    /// <summary>Closes a connection; no error when it is gone.</summary>
    Task CloseConnectionAsync(ConnectionId connection, string reason, CancellationToken cancellationToken);

    /// <summary>The connections that are in a group now.</summary>
    IAsyncEnumerable<ConnectionId> ListGroupAsync(GroupName group, CancellationToken cancellationToken);
}

/// <summary>Whom of a group a send concerns.</summary>
public abstract record Audience
{
    private Audience() { }

    /// <summary>All members.</summary>
    public static Audience All { get; } = new Except([]);

    /// <summary>All members but these; at most <see cref="GatewayLimits.ExcludedConnectionsMax"/>.</summary>
    public sealed record Except(IReadOnlyCollection<ConnectionId> Connections) : Audience;

    /// <summary>
    /// One member. Travels as a group send with a filter and not as a send to the connection, so that personal
    /// messages and the stream take one road and keep their order.
    /// </summary>
    public sealed record Only(ConnectionId Connection) : Audience;
}

/// <summary>Limits of the service's data plane.</summary>
public static class GatewayLimits
{
    /// <summary>Bytes of one message; Web PubSub refuses more (concept-service-internals, REST body limit).</summary>
    public const int MessageBytesMax = 1024 * 1024;

    /// <summary>Groups that one move empties: each is a clause of a filter, and a filter holds about 100 (the service's OData page).</summary>
    public const int MovedGroupsMax = 50;

    /// <summary>Excluded connections of one send: they travel in the URL, whose usual bound is 8 KiB.</summary>
    public const int ExcludedConnectionsMax = 60;
}

/// <summary>Web PubSub did not do, or may not have done, what was asked.</summary>
public sealed class GatewayException : Exception
{
    /// <summary>Makes the exception.</summary>
    public GatewayException(string message, Exception? innerException = null)
        : base(message, innerException) { }
}
