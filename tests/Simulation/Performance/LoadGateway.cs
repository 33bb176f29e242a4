using System.Runtime.CompilerServices;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Simulation.Performance;

/// <summary>Web PubSub's data plane at a distance: each call takes its time, and takes effect in the middle of it.</summary>
internal sealed class LoadGateway(LoadWorld world) : IClientGateway
{
    public Task SendToGroupAsync(
        GroupName group,
        ReadOnlyMemory<byte> message,
        Audience audience,
        CancellationToken cancellationToken
    ) => CallAsync(() => world.Service.Deliver(group, message, audience));

    public async Task<bool> AddToGroupAsync(GroupName group, ConnectionId connection, CancellationToken cancellationToken)
    {
        await CallAsync(() => world.Service.Add(group, connection));
        return true;
    }

    public Task RemoveFromGroupAsync(GroupName group, ConnectionId connection, CancellationToken cancellationToken) =>
        CallAsync(() => world.Service.Remove(group, connection));

    public async Task MoveGroupAsync(IReadOnlyList<GroupName> from, GroupName to, CancellationToken cancellationToken)
    {
        await CallAsync(() => world.Service.AddAll(from, to));
        await CallAsync(() => world.Service.RemoveAll(from));
    }

    public async Task<bool> ConnectionExistsAsync(ConnectionId connection, CancellationToken cancellationToken)
    {
        await CallAsync(static () => { });
        return true;
    }

    public Task CloseConnectionAsync(ConnectionId connection, string reason, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("This model closes no connections.");

    public async IAsyncEnumerable<ConnectionId> ListGroupAsync(
        GroupName group,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        IReadOnlyList<ConnectionId> members = [];
        await CallAsync(() => members = world.Service.Members(group));
        foreach (var member in members)
        {
            yield return member;
        }
    }

    private async Task CallAsync(Action action)
    {
        world.Counts.RestCalls++;
        var half = world.HalfLatency();
        await world.PassAsync(half);
        action();
        await world.PassAsync(half);
    }
}
