using ServerlessSync.Core.Model;

namespace ServerlessSync.PubSubEmulator.Tests.Support;

/// <summary>An in-process event handler that follows a test's script and records its events.</summary>
internal sealed class ScriptedHandler : IEventHandler
{
    private readonly Lock gate = new();
    private readonly List<ClientEvent> seen = [];

    public Func<ClientEvent.Connect, EventReply> OnConnect { get; set; } =
        _ => new EventReply.Accepted("anon", [], "s0");

    public Func<ClientEvent.Connect, Task> OnConnectAsync { get; set; } = _ => Task.CompletedTask;

    /// <summary>Answers messages, given their number from 1.</summary>
    public Func<ClientEvent.Message, int, EventReply> OnMessage { get; set; } = (_, _) => new EventReply.Done();

    public IReadOnlyList<ClientEvent> Seen
    {
        get
        {
            lock (gate)
            {
                return [.. seen];
            }
        }
    }

    public async Task<EventReply> HandleAsync(ClientEvent clientEvent, CancellationToken cancellationToken)
    {
        int count;
        lock (gate)
        {
            seen.Add(clientEvent);
            count = seen.OfType<ClientEvent.Message>().Count();
        }

        if (clientEvent is ClientEvent.Connect connect)
        {
            await OnConnectAsync(connect);
            return OnConnect(connect);
        }

        return clientEvent is ClientEvent.Message message ? OnMessage(message, count) : new EventReply.Done();
    }
}
