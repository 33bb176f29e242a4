using ServerlessSync.Core.Events;

namespace ServerlessSync.Local.Hosting;

/// <summary>Gives each event to the next engine, as a load balancer in front of instances does.</summary>
internal sealed class RoundRobin(IReadOnlyList<Engine> engines) : IEventHandler
{
    private uint turn = uint.MaxValue;

    public Task<EventReply> HandleAsync(ClientEvent clientEvent, CancellationToken cancellationToken) =>
        engines[(int)(Interlocked.Increment(ref turn) % (uint)engines.Count)].Handler.HandleAsync(clientEvent, cancellationToken);
}
