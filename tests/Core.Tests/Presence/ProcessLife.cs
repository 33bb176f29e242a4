using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Tests.Presence;

/// <summary>Whether a process is alive. The awaits of a dead one never return, so it stops wherever it is.</summary>
internal sealed class ProcessLife
{
    private readonly Task never = new TaskCompletionSource().Task;

    public bool IsDead { get; set; }

    /// <summary>Called before each step of the process; true kills it there.</summary>
    public Func<string, bool> DiesAt { get; set; } = _ => false;

    public Task Step(string step)
    {
        IsDead |= DiesAt(step);
        return IsDead ? never : Task.CompletedTask;
    }
}

/// <summary>The store of a process that can die before and after each operation.</summary>
internal sealed class MortalStore(ITableStore inner, ProcessLife life) : ITableStore
{
    public async Task<TableRow?> GetAsync(
        TableName table,
        string partitionKey,
        string rowKey,
        CancellationToken cancellationToken
    )
    {
        await life.Step("get");
        var row = await inner.GetAsync(table, partitionKey, rowKey, cancellationToken);
        await life.Step("got");
        return row;
    }

    public async IAsyncEnumerable<TableRow> QueryAsync(
        TableName table,
        string partitionKey,
        RowRange range,
        int? limit,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await life.Step("query");
        await foreach (var row in inner.QueryAsync(table, partitionKey, range, limit, cancellationToken))
        {
            yield return row;
        }

        await life.Step("queried");
    }

    public async Task<TransactionResult> SubmitAsync(
        TableName table,
        string partitionKey,
        IReadOnlyList<TableAction> actions,
        CancellationToken cancellationToken
    )
    {
        await life.Step("submit");
        var result = await inner.SubmitAsync(table, partitionKey, actions, cancellationToken);
        await life.Step("submitted");
        return result;
    }
}

/// <summary>The gateway of a process that can die before and after each send.</summary>
internal sealed class MortalGateway(IClientGateway inner, ProcessLife life) : IClientGateway
{
    public async Task SendToGroupAsync(
        GroupName group,
        ReadOnlyMemory<byte> message,
        Audience audience,
        CancellationToken cancellationToken
    )
    {
        await life.Step("send");
        await inner.SendToGroupAsync(group, message, audience, cancellationToken);
        await life.Step("sent");
    }

    public Task<bool> AddToGroupAsync(GroupName group, ConnectionId connection, CancellationToken cancellationToken) =>
        inner.AddToGroupAsync(group, connection, cancellationToken);

    public Task RemoveFromGroupAsync(GroupName group, ConnectionId connection, CancellationToken cancellationToken) =>
        inner.RemoveFromGroupAsync(group, connection, cancellationToken);

    public Task MoveGroupAsync(IReadOnlyList<GroupName> from, GroupName to, CancellationToken cancellationToken) =>
        inner.MoveGroupAsync(from, to, cancellationToken);

    public Task<bool> ConnectionExistsAsync(ConnectionId connection, CancellationToken cancellationToken) =>
        inner.ConnectionExistsAsync(connection, cancellationToken);

    public Task CloseConnectionAsync(ConnectionId connection, string reason, CancellationToken cancellationToken) =>
        inner.CloseConnectionAsync(connection, reason, cancellationToken);

    public IAsyncEnumerable<ConnectionId> ListGroupAsync(GroupName group, CancellationToken cancellationToken) =>
        inner.ListGroupAsync(group, cancellationToken);
}
