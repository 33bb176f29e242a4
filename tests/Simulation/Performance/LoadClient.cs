using System.Text;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Simulation.Performance;

/// <summary>
/// A bare client: it edits, waits for its own revision to come back, and edits again, without a pause unless the case has one. Its events go out one at a time,
/// as Web PubSub sees to: the next one waits until the last one was answered.
/// </summary>
internal sealed class LoadClient(LoadWorld world, int number)
{
    /// <summary>The service's wait before it redelivers an event (docs/protocol-facts.md#redelivery).</summary>
    private static readonly TimeSpan Redelivery = TimeSpan.FromSeconds(1);

    private readonly List<TimeSpan> submitted = [];
    private TaskCompletionSource loaded = new();
    private TaskCompletionSource echoed = new();
    private string? state;
    private long eventId;
    private TimeSpan lastArrival;
    private Task answered = Task.CompletedTask;

    public int Number { get; } = number;

    public ConnectionId Connection { get; } = new($"c{number}");

    /// <summary>The last revision it was shown, without a hole before it.</summary>
    public long Revision { get; private set; }

    /// <summary>Edits that came back.</summary>
    public int Echoed { get; private set; }

    public int Submitted => submitted.Count;

    /// <summary>The longest that it has waited for a revision of its own.</summary>
    public TimeSpan LongestWait { get; private set; }

    public async Task JoinAsync()
    {
        world.Service.Connect(this);
        await SendAsync(context => new ClientEvent.Connect(context));
        await SendFrameAsync($$$"""{"command":"login","data":{"login":"u{{{Number}}}","password":""}}""");
        await SendFrameAsync("""{"command":"dataset","data":{"project":1}}""");
        await loaded.Task;
    }

    /// <summary>Edits until it is told to stop; ends when its last edit was answered and has come back.</summary>
    public async Task TypeAsync(Func<bool> goesOn)
    {
        while (goesOn())
        {
            if (world.Case.ThinkMax > TimeSpan.Zero)
            {
                await world.PassAsync(world.Think());
            }

            echoed = new TaskCompletionSource();
            submitted.Add(world.Time.Elapsed);
            answered = SendFrameAsync(Edit(submitted.Count));
            await echoed.Task;
        }

        await answered;
    }

    /// <summary>A task moved and renamed, about as large as the real client's.</summary>
    private string Edit(int local)
    {
        var task = string.Join(
            ',',
            $"\"id\":{Number + 1}",
            $"\"name\":\"Task {local}\"",
            "\"startDate\":\"2027-04-05T08:00:00\",\"endDate\":\"2027-04-08T17:00:00\",\"duration\":4"
        );
        var changes = $$$"""{"tasks":{"updated":[{{{{task}}}}]}}""";
        var revision = $$$"""{"revision":"local-{{{local}}}","clientId":"{{{Connection}}}","changes":{{{changes}}}}""";
        return $$$"""{"command":"project_change","data":{"project":1,"client":"{{{Connection}}}","revisions":[{{{revision}}}]}}""";
    }

    /// <summary>The service sends it a frame. None overtakes another on the way.</summary>
    public void Push(LoadFrame frame)
    {
        var arrival = world.Time.Elapsed + world.Hop();
        lastArrival = arrival > lastArrival ? arrival : lastArrival;
        switch (frame)
        {
            case { Error: { } error }:
                world.Fail($"{Connection} was told of {frame.Command}: {error}");
                break;
            case { Command: "dataset" }:
                Load(frame.Revision);
                break;
            case { Command: "project_change" }:
                Show(frame.Revisions);
                break;
            default:
                break;
        }
    }

    /// <summary>When its edit with this number was made.</summary>
    public TimeSpan SubmittedAt(int local) => submitted[local - 1];

    private void Load(long revision)
    {
        if (loaded.Task.IsCompleted)
        {
            world.Fail($"{Connection} got a dataset that it did not ask for");
        }

        Revision = revision;
        loaded.TrySetResult();
    }

    private void Show(IReadOnlyList<LoadRevision> revisions)
    {
        if (revisions[0].Number > Revision + 1)
        {
            world.Fail($"{Connection} was shown {revisions[0].Number} after {Revision}");
        }

        if (revisions[0].Number <= Revision)
        {
            // An engine that was turned away by the store in the middle of a turn sends again what it could not record.
            world.Counts.Repeats++;
        }

        foreach (var revision in world.OfAuthor(revisions, Connection))
        {
            if (revision.Number > Revision)
            {
                Echo(revision);
            }
        }

        Revision = Math.Max(Revision, revisions[^1].Number);
        world.Shown(revisions, lastArrival);
    }

    private void Echo(LoadRevision revision)
    {
        Echoed++;
        if (!string.Equals(revision.Local, $"local-{Echoed}", StringComparison.Ordinal))
        {
            world.Fail($"{Connection} got {revision.Local} back as number {Echoed}");
        }

        var waited = lastArrival - submitted[Echoed - 1];
        LongestWait = waited > LongestWait ? waited : LongestWait;
        world.Echoed(submitted[Echoed - 1], waited);
        var arrived = echoed;
        world.After(lastArrival - world.Time.Elapsed, arrived.SetResult);
    }

    private Task SendFrameAsync(string frame) =>
        SendAsync(context => new ClientEvent.Message(context, Encoding.UTF8.GetBytes(frame)));

    private async Task SendAsync(Func<EventContext, ClientEvent> make)
    {
        var last = answered;
        await world.PassAsync(world.Hop());
        await last;
        var context = new EventContext(Connection, eventId, eventId == 0 ? null : "anon-" + Connection, state, world.ServiceTime());
        eventId++;
        while (true)
        {
            await world.PassAsync(world.Hop());
            world.Counts.Events++;
            var reply = await world.PickInstance().HandleAsync(make(context), CancellationToken.None);
            switch (reply)
            {
                case EventReply.Accepted:
                    return;
                case EventReply.Done done:
                    state = done.State ?? state;
                    return;
                case EventReply.Unavailable:
                    world.Counts.TurnedAway++;
                    await world.PassAsync(Redelivery);
                    break;
                default:
                    world.Fail($"{Connection} was answered {reply}");
                    return;
            }
        }
    }
}
