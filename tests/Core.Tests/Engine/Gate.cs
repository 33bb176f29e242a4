using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Tests.Engine;

/// <summary>An instance's way to the gateway, which a test can hold up as a frozen process would, and open again.</summary>
internal sealed class Gate(IClientGateway inner) : IClientGateway
{
    private TaskCompletionSource? held;

    public void Hold() => held ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Open()
    {
        held?.TrySetResult();
        held = null;
    }

    public async Task SendToGroupAsync(
        GroupName group,
        ReadOnlyMemory<byte> message,
        Audience audience,
        CancellationToken cancellationToken
    )
    {
        await PassAsync();
        await inner.SendToGroupAsync(group, message, audience, cancellationToken);
    }

    public async Task<bool> AddToGroupAsync(GroupName group, ConnectionId connection, CancellationToken cancellationToken)
    {
        await PassAsync();
        return await inner.AddToGroupAsync(group, connection, cancellationToken);
    }

    public async Task RemoveFromGroupAsync(GroupName group, ConnectionId connection, CancellationToken cancellationToken)
    {
        await PassAsync();
        await inner.RemoveFromGroupAsync(group, connection, cancellationToken);
    }

    public async Task MoveGroupAsync(IReadOnlyList<GroupName> from, GroupName to, CancellationToken cancellationToken)
    {
        await PassAsync();
        await inner.MoveGroupAsync(from, to, cancellationToken);
    }

    public async Task<bool> ConnectionExistsAsync(ConnectionId connection, CancellationToken cancellationToken)
    {
        await PassAsync();
        return await inner.ConnectionExistsAsync(connection, cancellationToken);
    }

    public async Task CloseConnectionAsync(ConnectionId connection, string reason, CancellationToken cancellationToken)
    {
        await PassAsync();
        await inner.CloseConnectionAsync(connection, reason, cancellationToken);
    }

    public IAsyncEnumerable<ConnectionId> ListGroupAsync(GroupName group, CancellationToken cancellationToken) =>
        inner.ListGroupAsync(group, cancellationToken);

    private Task PassAsync() => held?.Task ?? Task.CompletedTask;
}
