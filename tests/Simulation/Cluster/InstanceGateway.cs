using System.Runtime.CompilerServices;
using ServerlessSync.Core.Model;
using ServerlessSync.Simulation.Faults;

namespace ServerlessSync.Simulation.Cluster;

/// <summary>The way of one process to Web PubSub's data plane, and all that can happen on it.</summary>
internal sealed class InstanceGateway(World world, Instance instance) : IClientGateway
{
    /// <summary>The product's own limit of a send (DESIGN section 5).</summary>
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
                    // What holds the send up on its way holds its process up as well.
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
        await TroubleAsync(() => world.Service.Add(group, connection));
        var done = world.Service.Add(group, connection);
        await EndAsync();
        return done;
    }

    public async Task RemoveFromGroupAsync(GroupName group, ConnectionId connection, CancellationToken cancellationToken)
    {
        await BeginAsync();
        await TroubleAsync(() => world.Service.Remove(group, connection));
        world.Service.Remove(group, connection);
        await EndAsync();
    }

    public async Task MoveGroupAsync(IReadOnlyList<GroupName> from, GroupName to, CancellationToken cancellationToken)
    {
        await BeginAsync();
        await TroubleAsync(() => world.Service.AddAll(from, to));
        world.Service.AddAll(from, to);
        await EndAsync();
        await BeginAsync();
        await TroubleAsync(() => world.Service.RemoveAll(from));
        world.Service.RemoveAll(from);
        await EndAsync();
    }

    public Task<bool> ConnectionExistsAsync(ConnectionId connection, CancellationToken cancellationToken) =>
        AboutAsync(connection, () => ConnectionExistsAsync(connection));

    private async Task<bool> ConnectionExistsAsync(ConnectionId connection)
    {
        await BeginAsync();
        await TroubleAsync(static () => { });
        var exists = world.Service.Exists(connection);
        await EndAsync();
        return exists;
    }

    public async Task CloseConnectionAsync(ConnectionId connection, string reason, CancellationToken cancellationToken)
    {
        await BeginAsync();
        await TroubleAsync(() => world.Service.Close(connection));
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
        await TroubleAsync(static () => { });
        var members = world.Service.Members(group).ToList();
        await EndAsync();
        return members;
    }

    /// <summary>What fails about one connection is no trouble for the others.</summary>
    private async Task<T> AboutAsync<T>(ConnectionId? connection, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (GatewayException) when (connection is { } concerned)
        {
            instance.Troubles--;
            instance.Doubts[concerned] = instance.Doubts.GetValueOrDefault(concerned) + 1;
            throw;
        }
    }

    /// <summary>Whether a group holds one connection alone, to mark an event of it (<see cref="GroupName.OfEvent"/>).</summary>
    private static bool IsMark(GroupName group) => group.Value.StartsWith("e.", StringComparison.Ordinal);

    private static ConnectionId OfMark(GroupName group) => new(group.Value[2..group.Value.LastIndexOf('.')]);

    /// <summary>Fails before or after the deed, or gives up and the deed is done later.</summary>
    private async Task TroubleAsync(Action deed)
    {
        if (world.Faults.Strikes(FaultKind.GroupFailed))
        {
            if (world.ServiceDice.Chance(0.5))
            {
                deed();
            }

            await FailAsync(world.ServiceDice.Chance(0.5) ? TimeLimit : TimeSpan.Zero);
        }

        if (world.Faults.Strikes(FaultKind.GroupLate))
        {
            world.After(world.ServiceDice.Milliseconds(100, 6_000), deed);
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
        instance.Troubles++;
        throw new GatewayException("The service did not answer.");
    }
}
