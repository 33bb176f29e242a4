using ServerlessSync.Core.Model;
using ServerlessSync.Simulation.Cluster;
using ServerlessSync.Simulation.Faults;

namespace ServerlessSync.Simulation.Service;

/// <summary>Delivers an event of a connection to an instance, with the redeliveries of Web PubSub.</summary>
internal sealed class Forwarding(World world, Socket socket)
{
    /// <summary>The waits before the deliveries (docs/protocol-facts.md#redelivery).</summary>
    private static readonly TimeSpan[] Waits =
    [
        TimeSpan.Zero,
        TimeSpan.FromSeconds(1),
        TimeSpan.FromSeconds(3),
        TimeSpan.FromSeconds(5),
    ];

    /// <summary>After a time-out the event is not redelivered (docs/protocol-facts.md#redelivery).</summary>
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(100);

    /// <summary>The longest time after the end of all faults by which every event is answered.</summary>
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(60);

    /// <summary>Requests to a frozen instance are cut far more often than others.</summary>
    private const double FrozenCutWeight = 10;

    /// <summary>
    /// Reasons for which an instance may refuse an event although none of its calls failed: no memory for the project or for the base of a reset, too many lost
    /// races, stopping.
    /// </summary>
    private static readonly string[] HealthyReasons =
        ["limit of open projects", "wait to be loaded", "goes back to cannot be read", "could not be stored", "stopping"];

    /// <summary>Returns the answer; null after the last failed delivery, when the service closes the connection.</summary>
    public async Task<EventReply?> ForwardAsync(Func<EventContext, ClientEvent> make, long id)
    {
        var context = new EventContext(
            socket.Id,
            id,
            id == 0 ? null : $"anon-{socket.Id}",
            socket.State,
            WholeSeconds(world.Time.GetUtcNow())
        );
        var clientEvent = make(context);
        Instance? instance = null;
        foreach (var wait in Waits)
        {
            await Task.Delay(wait + world.ServiceDice.Milliseconds(1, 4), world.Time);
            if (wait > TimeSpan.Zero)
            {
                socket.NoteRedelivery(id);
            }

            instance = world.Cluster.Pick(instance);
            world.Trace.Note($"{socket.Id} event {id} to instance {instance?.Number}");
            var window = world.Scenario.Options.Window;
            if (instance?.FrozenFor > window.Margin && instance.FrozenFor < window.FirstDeliveryMax)
            {
                socket.NoteStandstill(id);
            }

            var reply = instance is null ? null : await CallAsync(instance, clientEvent);
            if (reply is not (null or EventReply.Unavailable))
            {
                world.Trace.Note($"{socket.Id} event {id} is answered: {reply}");
                Keep(reply);
                return reply;
            }

            world.Trace.Note($"{socket.Id} event {id} is redelivered: {reply}");
        }

        return null;
    }

    /// <summary><c>ce-time</c> has whole seconds (docs/protocol-facts.md#event-requests).</summary>
    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));

    private void Keep(EventReply reply) =>
        socket.State = reply switch
        {
            EventReply.Done done => done.State,
            EventReply.Text text => text.State,
            EventReply.Accepted accepted => accepted.State,
            _ => null,
        } ?? socket.State;

    private async Task<EventReply?> CallAsync(Instance instance, ClientEvent clientEvent)
    {
        var answer = new TaskCompletionSource<EventReply?>();
#pragma warning disable CA2000 // The handler may outlive the answer and observe the cut later. The source has no timer to release.
        var abort = new CancellationTokenSource();
#pragma warning restore CA2000
        world.Spawn(HandleAsync(instance, clientEvent, answer, abort.Token), "a handler");
        world.Spawn(NoticeDeathAsync(instance, answer), "a death");
        if (world.Faults.Strikes(FaultKind.CallCut, instance.IsFrozen ? FrozenCutWeight : 1))
        {
            world.After(world.ServiceDice.Milliseconds(1, 300), () => Cut(instance, answer, abort));
        }

        await using var limit = world.Time.CreateTimer(
            _ => TimeOut(instance, clientEvent, answer),
            state: null,
            TimeLimit,
            Timeout.InfiniteTimeSpan
        );
        return await answer.Task;
    }

    /// <summary>Cuts the request. A frozen instance notices when it continues.</summary>
    private void Cut(Instance instance, TaskCompletionSource<EventReply?> answer, CancellationTokenSource abort)
    {
        if (answer.TrySetResult(null))
        {
            world.After(instance.FrozenFor, abort.Cancel);
        }
    }

    private void TimeOut(Instance instance, ClientEvent clientEvent, TaskCompletionSource<EventReply?> answer)
    {
        if (!answer.Task.IsCompleted && world.Faults.HaveEnded && world.Time.Elapsed - world.Faults.EndedAt > AnswerMax)
        {
            world.Violate("P6 no silence", $"instance {instance.Number} has not answered {clientEvent.Context} for {TimeLimit}");
        }

        answer.TrySetResult(null);
    }

    private static async Task NoticeDeathAsync(Instance instance, TaskCompletionSource<EventReply?> answer)
    {
        await instance.Death;
        answer.TrySetResult(null);
    }

    private async Task HandleAsync(
        Instance instance,
        ClientEvent clientEvent,
        TaskCompletionSource<EventReply?> answer,
        CancellationToken aborted
    )
    {
        await instance.PassAsync();
        var generation = socket.Subscription.Generation;
        var before = (instance.FailedCalls, instance.FailedConnectionCalls.GetValueOrDefault(socket.Id));
        EventReply? reply = null;
        try
        {
            reply = await instance.Handler.HandleAsync(clientEvent, aborted);
        }
        catch (OperationCanceledException) when (aborted.IsCancellationRequested)
        {
            world.Trace.Note($"{socket.Id} is no longer waited for by instance {instance.Number}");
        }
        catch (ObjectDisposedException) when (instance.IsStopping)
        {
            world.Trace.Note($"{socket.Id} reached instance {instance.Number} after it stopped");
        }

        if (
            reply is EventReply.Unavailable { Reason: var reason }
            && !Array.Exists(HealthyReasons, text => reason.Contains(text, StringComparison.Ordinal))
            && before == (instance.FailedCalls, instance.FailedConnectionCalls.GetValueOrDefault(socket.Id))
        )
        {
            world.Violate("P6 no silence", $"{clientEvent.Context} was refused by instance {instance.Number}, although none of its calls failed: {reason}");
        }

        await instance.PassAsync();
        if (
            clientEvent is ClientEvent.Message message
            && reply is EventReply.Done
            && !answer.Task.IsCompleted
            && generation == socket.Subscription.Generation
        )
        {
            socket.Subscription.CheckAnswered(message.Context);
        }

        answer.TrySetResult(world.Faults.Strikes(FaultKind.AnswerLost) ? null : reply);
    }
}
