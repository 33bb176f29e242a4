using System.Collections.Frozen;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using ServerlessSync.Core.Model;
using ServerlessSync.PubSubEmulator;
using ServerlessSync.PubSubEmulator.Connections;
using ServerlessSync.PubSubEmulator.Rest;
using ServerlessSync.PubSubEmulator.Upstream;

namespace ServerlessSync.Local.InProcess;

/// <summary>
/// The data plane without HTTP: acts on the emulator in this process as the REST operations would. A connection does not
/// exist before its handshake is complete: it cannot join a group, and messages to it are lost.
/// </summary>
public sealed class InProcessGateway(PubSubService service) : IClientGateway
{
    /// <inheritdoc/>
    public Task SendToGroupAsync(
        GroupName group,
        ReadOnlyMemory<byte> message,
        Audience audience,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(audience);
        cancellationToken.ThrowIfCancellationRequested();
        Check(group);
        if (message.Length > GatewayLimits.MessageBytesMax)
        {
            throw new GatewayException(
                $"A message has {message.Length} bytes; at most {GatewayLimits.MessageBytesMax} can be sent."
            );
        }

        if (!JsonText.IsValid(message.Span))
        {
            throw new GatewayException("The message is not valid JSON.");
        }

        // One copy for all receivers: as over HTTP, the caller may reuse its buffer once this returns.
        var frame = new OutboundFrame(message.ToArray(), WebSocketMessageType.Text);
        var (scope, recipients) = Translate(group, audience);
        service.Send(scope, recipients, frame);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<bool> AddToGroupAsync(GroupName group, ConnectionId connection, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Check(group);
        return Task.FromResult(service.Join(new Scope.Connection(connection.Value), RecipientFilter.None, [group.Value]) > 0);
    }

    /// <inheritdoc/>
    public Task RemoveFromGroupAsync(GroupName group, ConnectionId connection, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        service.Leave(new Scope.Connection(connection.Value), RecipientFilter.None, [group.Value]);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task MoveGroupAsync(IReadOnlyList<GroupName> from, GroupName to, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(from);
        cancellationToken.ThrowIfCancellationRequested();
        Check(to);

        // All joins precede the first leave, as with :addToGroups and :removeFromGroups: in between a member is in both
        // groups.
        foreach (var group in from)
        {
            service.Join(new Scope.Group(group.Value), RecipientFilter.None, [to.Value]);
        }

        foreach (var group in from.Where(group => group != to))
        {
            service.Leave(new Scope.Group(group.Value), RecipientFilter.None, [group.Value]);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<bool> ConnectionExistsAsync(ConnectionId connection, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(service.Exists(new Scope.Connection(connection.Value)));
    }

    /// <inheritdoc/>
    public Task CloseConnectionAsync(ConnectionId connection, string reason, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        service.Close(new Scope.Connection(connection.Value), RecipientFilter.None, CloseRequest.ByPublisher(reason));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ConnectionId> ListGroupAsync(
        GroupName group,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        foreach (var connection in service.List(new Scope.Group(group.Value)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ConnectionId(connection.Id);
        }

        await Task.CompletedTask;
    }

    private static void Check(GroupName group)
    {
        if (!PubSubNames.IsGroup(group.Value))
        {
            throw new GatewayException(
                $"'{group.Value}' is not a group name: it must have 1 to {PubSubLimits.GroupCharsMax} characters."
            );
        }
    }

    private static (Scope Scope, RecipientFilter RecipientFilter) Translate(GroupName group, Audience audience) =>
        audience switch
        {
            Audience.Except { Connections.Count: 0 } => (new Scope.Group(group.Value), RecipientFilter.None),
            Audience.Except { Connections.Count: > GatewayLimits.ExcludedConnectionsMax } except =>
                throw new GatewayException(
                    $"{except.Connections.Count} connections are excluded; at most {GatewayLimits.ExcludedConnectionsMax} are allowed."
                ),
            Audience.Except except => (
                new Scope.Group(group.Value),
                new RecipientFilter(
                    except.Connections.Select(connection => connection.Value).ToFrozenSet(StringComparer.Ordinal),
                    null
                )
            ),
            Audience.Only only => (new Scope.GroupMember(group.Value, only.Connection.Value), RecipientFilter.None),
            _ => throw new ArgumentOutOfRangeException(nameof(audience), audience, message: null),
        };
}
