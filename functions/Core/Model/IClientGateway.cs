namespace ServerlessSync.Core.Model;

/// <summary>
/// The operations of Web PubSub's data plane that the engine needs. Messages are complete text frames (UTF-8 JSON) of
/// at most <see cref="GatewayLimits.MessageBytesMax"/> bytes. Awaited sends of one caller arrive in order.
/// </summary>
/// <remarks>
/// Implementations never retry: a send whose response is lost may still be delivered later, and only the caller can
/// tell whether a second one does harm. Failures are <see cref="GatewayException"/>.
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

    /// <summary>Removes a connection from a group. No error when it is not a member or no longer exists.</summary>
    Task RemoveFromGroupAsync(GroupName group, ConnectionId connection, CancellationToken cancellationToken);

    /// <summary>
    /// Adds all members of the <paramref name="from"/> groups to <paramref name="to"/>, then removes them from
    /// <paramref name="from"/>.
    /// </summary>
    Task MoveGroupAsync(IReadOnlyList<GroupName> from, GroupName to, CancellationToken cancellationToken);

    /// <summary>Whether a connection is open.</summary>
    Task<bool> ConnectionExistsAsync(ConnectionId connection, CancellationToken cancellationToken);

    /// <summary>Closes a connection. No error when it no longer exists.</summary>
    Task CloseConnectionAsync(ConnectionId connection, string reason, CancellationToken cancellationToken);

    /// <summary>The connections that are in a group now.</summary>
    IAsyncEnumerable<ConnectionId> ListGroupAsync(GroupName group, CancellationToken cancellationToken);
}

/// <summary>The members of a group that a send reaches.</summary>
public abstract record Audience
{
    private Audience() { }

    /// <summary>All members.</summary>
    public static Audience All { get; } = new Except([]);

    /// <summary>All members but these; at most <see cref="GatewayLimits.ExcludedConnectionsMax"/>.</summary>
    public sealed record Except(IReadOnlyCollection<ConnectionId> Connections) : Audience;

    /// <summary>
    /// One member. Sent to the group with a filter instead of to the connection, so that personal messages keep their
    /// order among the group's messages.
    /// </summary>
    public sealed record Only(ConnectionId Connection) : Audience;
}

/// <summary>Limits of the service's data plane.</summary>
public static class GatewayLimits
{
    /// <summary>Bytes of one message; Web PubSub refuses more (concept-service-internals, REST body limit).</summary>
    public const int MessageBytesMax = 1024 * 1024;

    /// <summary>
    /// Groups that one move empties: each is a clause of an OData filter, and the service accepts about 100 (its OData
    /// page).
    /// </summary>
    public const int MovedGroupsMax = 50;

    /// <summary>
    /// Connections that one send excludes: they are listed in the URL, which is usually limited to 8 KiB.
    /// </summary>
    public const int ExcludedConnectionsMax = 60;
}

/// <summary>A call to Web PubSub failed, or its outcome is unknown.</summary>
public sealed class GatewayException : Exception
{
    /// <summary>Makes the exception.</summary>
    public GatewayException(string message, Exception? innerException = null)
        : base(message, innerException) { }
}
