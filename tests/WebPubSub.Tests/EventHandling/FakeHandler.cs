using ServerlessSync.Core.Model;

namespace ServerlessSync.WebPubSub.Tests.EventHandling;

/// <summary>Records the events that reach the product, and replies as configured.</summary>
internal sealed class FakeHandler : IEventHandler
{
    public List<ClientEvent> Events { get; } = [];

    public Func<CancellationToken, Task<EventReply>> Reply { get; set; } =
        _ => Task.FromResult<EventReply>(new EventReply.Done());

    public Task<EventReply> HandleAsync(ClientEvent clientEvent, CancellationToken cancellationToken)
    {
        Events.Add(clientEvent);
        return Reply(cancellationToken);
    }

    public FakeHandler Replying(EventReply reply)
    {
        Reply = _ => Task.FromResult(reply);
        return this;
    }
}
