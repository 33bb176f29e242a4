using System.Runtime.CompilerServices;
using ServerlessSync.Core.Model;
using ServerlessSync.Simulation.Faults;

namespace ServerlessSync.Simulation.Cluster;

/// <summary>The path of one instance to Web PubSub's data plane, with its faults.</summary>
internal sealed class InstanceGateway(World world, Instance instance) : IClientGateway
{
    /// <summary>The product's time limit of a send (docs/architecture.md#take-over).</summary>
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(2);

    public async Task SendToGroupAsync(
        GroupName group,
        ReadOnlyMemory<byte> message,
        Audience audience,
        CancellationToken cancellationToken
    )
    {
        await BeginAsync();
        var fault = world.Faults.Strike(
            FaultKind.SendLost,
            FaultKind.SendFailedAfterDelivery,
            FaultKind.SendTimedOut,
            FaultKind.SendLate,
            FaultKind.SendSlow
        );
        switch (fault)
        {
            case FaultKind.SendLost:
                await FailAsync(TimeSpan.Zero);
                break;
            case FaultKind.SendFailedAfterDelivery:
                world.Service.Deliver(group, message, audience, instance.Number);
                await FailAsync(TimeSpan.Zero);
                break;
            case FaultKind.SendTimedOut:
                await FailAsync(TimeLimit);
                break;
            case FaultKind.SendLate:
                world.After(
                    world.ServiceDice.Milliseconds(100, 12_000),
                    () => world.Service.Deliver(group, message, audience, instance.Number)
                );
                if (world.Faults.Strikes(FaultKind.InstanceFreeze, weight: 10) || world.Faults.IsStormOf(FaultKind.SendLate))
                {
                    // The cause of a late send freezes its instance as well.
                    instance.Freeze(world.ServiceDice.Milliseconds(4_000, 12_000));
                }

                await FailAsync(TimeLimit);
                break;
            case FaultKind.SendSlow:
                await Task.Delay(world.Faults.Take(world.ServiceDice.Milliseconds(100, 1_900)), world.Time, CancellationToken.None);
                break;
            default:
                break;
        }

        world.Service.Deliver(group, message, audience, instance.Number);
        await EndAsync();
    }

    public Task<bool> AddToGroupAsync(GroupName group, ConnectionId connection, CancellationToken cancellationToken) =>
        AboutAsync(IsMark(group) ? connection : null, () => AddToGroupAsync(group, connection));

    private async Task<bool> AddToGroupAsync(GroupName group, ConnectionId connection)
    {
        await BeginAsync();
        await FaultAsync(() => world.Service.Add(group, connection));
        var done = world.Service.Add(group, connection);
        await EndAsync();
        return done;
    }

    public async Task RemoveFromGroupAsync(GroupName group, ConnectionId connection, CancellationToken cancellationToken)
    {
        await BeginAsync();
        await FaultAsync(() => world.Service.Remove(group, connection));
        world.Service.Remove(group, connection);
        await EndAsync();
    }

    public async Task MoveGroupAsync(IReadOnlyList<GroupName> from, GroupName to, CancellationToken cancellationToken)
    {
        await BeginAsync();
        await FaultAsync(() => world.Service.AddAll(from, to));
        world.Service.AddAll(from, to);
        await EndAsync();
        await BeginAsync();
        await FaultAsync(() => world.Service.RemoveAll(from));
        world.Service.RemoveAll(from);
        await EndAsync();
    }

    public Task<bool> ConnectionExistsAsync(ConnectionId connection, CancellationToken cancellationToken) =>
        AboutAsync(connection, () => ConnectionExistsAsync(connection));

    private async Task<bool> ConnectionExistsAsync(ConnectionId connection)
    {
        await BeginAsync();
        await FaultAsync(static () => { });
        var exists = world.Service.Exists(connection);
        await EndAsync();
        return exists;
    }

    public async Task CloseConnectionAsync(ConnectionId connection, string reason, CancellationToken cancellationToken)
    {
        await BeginAsync();
        await FaultAsync(() => world.Service.Close(connection));
        world.Service.Close(connection);
        await EndAsync();
    }

    public async IAsyncEnumerable<ConnectionId> ListGroupAsync(
        GroupName group,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var members = await AboutAsync(IsMark(group) ? OfMark(group) : null, () => ListGroupAsync(group));
        foreach (var member in members)
        {
            yield return member;
        }
    }

    private async Task<List<ConnectionId>> ListGroupAsync(GroupName group)
    {
        await BeginAsync();
        await FaultAsync(static () => { });
        var members = world.Service.Members(group).ToList();
        await EndAsync();
        return members;
    }

    /// <summary>Counts a failure under the one connection that it concerns, if any.</summary>
    private async Task<T> AboutAsync<T>(ConnectionId? connection, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (GatewayException) when (connection is { } concerned)
        {
            instance.FailedCalls--;
            instance.FailedConnectionCalls[concerned] = instance.FailedConnectionCalls.GetValueOrDefault(concerned) + 1;
            throw;
        }
    }

    /// <summary>Whether a group marks an event of a single connection (<see cref="GroupName.OfEvent"/>).</summary>
    private static bool IsMark(GroupName group) => group.Value.StartsWith("e.", StringComparison.Ordinal);

    private static ConnectionId OfMark(GroupName group) => new(group.Value[2..group.Value.LastIndexOf('.')]);

    /// <summary>Fails before or after the action, or times out and executes it later.</summary>
    private async Task FaultAsync(Action action)
    {
        if (world.Faults.Strikes(FaultKind.GroupFailed))
        {
            if (world.ServiceDice.Chance(0.5))
            {
                action();
            }

            await FailAsync(world.ServiceDice.Chance(0.5) ? TimeLimit : TimeSpan.Zero);
        }

        if (world.Faults.Strikes(FaultKind.GroupLate))
        {
            world.After(world.ServiceDice.Milliseconds(100, 6_000), action);
            await FailAsync(TimeLimit);
        }
    }

    private async Task BeginAsync()
    {
        await instance.PassAsync();
        await Task.Delay(world.ServiceDice.Milliseconds(1, 5), world.Time);
        if (world.Faults.Strikes(FaultKind.ServiceDown, weight: 0.05))
        {
            world.Service.GoDown(world.ServiceDice.Milliseconds(1_000, 60_000));
        }

        if (world.Service.IsDown)
        {
            await FailAsync(world.ServiceDice.Chance(0.2) ? TimeLimit : TimeSpan.Zero);
        }
    }

    private async Task EndAsync()
    {
        await Task.Delay(world.ServiceDice.Milliseconds(1, 4), world.Time);
        await instance.PassAsync();
    }

    private async Task FailAsync(TimeSpan after)
    {
        await Task.Delay(world.Faults.Take(after) + world.ServiceDice.Milliseconds(1, 10), world.Time);
        await instance.PassAsync();
        instance.FailedCalls++;
        throw new GatewayException("The service did not answer.");
    }
}
