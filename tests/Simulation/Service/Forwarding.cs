using ServerlessSync.Core.Model;
using ServerlessSync.Simulation.Cluster;
using ServerlessSync.Simulation.Faults;

namespace ServerlessSync.Simulation.Service;

/// <summary>Brings an event of a connection to an instance, again and again as Web PubSub does.</summary>
internal sealed class Forwarding(World world, Socket socket)
{
    /// <summary>Waits before the attempts (web-pubsub.md 6).</summary>
    private static readonly TimeSpan[] Waits =
    [
        TimeSpan.Zero,
        TimeSpan.FromSeconds(1),
        TimeSpan.FromSeconds(3),
        TimeSpan.FromSeconds(5),
    ];

    /// <summary>An answer that takes longer is none, and the event is not delivered again.</summary>
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(100);

    /// <summary>By then after the last fault everything has been answered.</summary>
    private static readonly TimeSpan ResyncMax = TimeSpan.FromSeconds(60);

    /// <summary>A request to a process that stands still is cut far more often than one to a process that works.</summary>
    private const double FrozenCutWeight = 10;

    /// <summary>
    /// Reasons to refuse an event although no call has failed: no room for the project or for what a reset goes back to, a race that was lost
    /// too often, a process that stops.
    /// </summary>
    private static readonly string[] Innocent =
        ["limit of open projects", "wait to be loaded", "goes back to cannot be read", "could not be stored", "stopping"];

    /// <summary>The answer; null when there was none, after which the service drops the client.</summary>
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
            var reply = instance is null ? null : await CallAsync(instance, clientEvent);
            if (reply is not (null or EventReply.Unavailable))
            {
                world.Trace.Note($"{socket.Id} event {id} is answered: {reply}");
                Keep(reply);
                return reply;
            }

            world.Trace.Note($"{socket.Id} event {id} goes again: {reply}");
        }

        return null;
    }

    /// <summary><c>ce-time</c> has no fraction of a second (web-pubsub.md, event request).</summary>
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
#pragma warning disable CA2000 // Its handler may outlive the answer, and be told of the cut after it; there is no timer in it to release.
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

    /// <summary>The request is cut; its process notices, as soon as it runs.</summary>
    private void Cut(Instance instance, TaskCompletionSource<EventReply?> answer, CancellationTokenSource abort)
    {
        if (answer.TrySetResult(null))
        {
            world.After(instance.FrozenFor, abort.Cancel);
        }
    }

    private void TimeOut(Instance instance, ClientEvent clientEvent, TaskCompletionSource<EventReply?> answer)
    {
        if (!answer.Task.IsCompleted && world.Faults.IsResynced && world.Time.Elapsed - world.Faults.ResyncedAt > ResyncMax)
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
        var before = (instance.Troubles, instance.Doubts.GetValueOrDefault(socket.Id));
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
            world.Trace.Note($"{socket.Id} came too late to instance {instance.Number}");
        }

        if (
            reply is EventReply.Unavailable { Reason: var reason }
            && !Array.Exists(Innocent, text => reason.Contains(text, StringComparison.Ordinal))
            && before == (instance.Troubles, instance.Doubts.GetValueOrDefault(socket.Id))
        )
        {
            world.Violate("P6 no silence", $"{clientEvent.Context} was refused by instance {instance.Number}, though nothing of its own has failed: {reason}");
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
