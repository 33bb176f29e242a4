using ServerlessSync.Core.Model;
using ServerlessSync.Simulation.Checks;
using ServerlessSync.Simulation.Clients;
using ServerlessSync.Simulation.Faults;

namespace ServerlessSync.Simulation.Service;

/// <summary>One connection: its events go out one at a time and in order, its frames come in one after the other.</summary>
internal sealed class Socket
{
    /// <summary>While nothing goes wrong: a heal takes two quiet times (SequencerOptions.QuietTime), and some waits for others.</summary>
    private static readonly TimeSpan HealthyTurnMax = TimeSpan.FromSeconds(4);

    /// <summary>Each reset holds everybody in its project up for two quiet times, and a dataset that is under way begins anew after it.</summary>
    private static readonly TimeSpan ResetTime = TimeSpan.FromSeconds(3 * 0.7);

    /// <summary>
    /// An engine that finds its place in the log removed fails once and loads anew, and another one may be in the same place (Forwarding): after
    /// a compaction, and after each restore from an archive.
    /// </summary>
    private static readonly TimeSpan RemovalTime = TimeSpan.FromSeconds(1 + 3);

    /// <summary>
    /// However much goes wrong: four deliveries with 9 s between them (Forwarding), each to a process that may find a dead holder of the
    /// lease (5 s) and try three sends of 2 s before it gives up; and one more such round, as what it waits for can be held up by another
    /// process in the same way. The time that faults take by themselves meanwhile comes on top: calls that hang, deaths, standstills.
    /// </summary>
    public static readonly TimeSpan TurnMax = TimeSpan.FromSeconds(9 + (2 * 4 * (5 + 6)));

    private readonly World world;
    private readonly Queue<(long EventId, ReadOnlyMemory<byte> Frame)> events = new();
    private readonly Forwarding forwarding;
    private readonly HashSet<long> redelivered = [];
    private TimeSpan lastDown;
    private TimeSpan lastUp;
    private long eventId;
    private bool pumping;
    private bool accepted;

    public Socket(World world, ConnectionId id, ISocketOwner owner)
    {
        this.world = world;
        Owner = owner;
        Id = id;
        Subscription = new Subscription(world, this);
        forwarding = new Forwarding(world, this);
        world.Spawn(OpenAsync(), "a handshake");
    }

    public ConnectionId Id { get; }

    public ISocketOwner Owner { get; }

    /// <summary>What it has been sent of projects; for the checks.</summary>
    public Subscription Subscription { get; }

    /// <summary>Whether the service holds it open.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>Whether an event of it is being handled.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>Whether its client has left it, noticed by the service or not.</summary>
    public bool IsAbandoned { get; private set; }

    public string? State { get; set; }

    /// <summary>Whether an event was forwarded more than once.</summary>
    public bool IsRedelivered(long id) => redelivered.Contains(id);

    /// <summary>Notes that an event is forwarded once more.</summary>
    public void NoteRedelivery(long id) => redelivered.Add(id);

    /// <summary>The client sends a frame. The number of the event that it becomes.</summary>
    public long Send(ReadOnlyMemory<byte> frame)
    {
        var id = ++eventId;
        world.After(Next(ref lastUp), () => Arrive(id, frame));
        return id;
    }

    /// <summary>The service sends a frame to the client.</summary>
    public void Push(ReadOnlyMemory<byte> frame)
    {
        Subscription.Sent(frame);
        world.After(
            Next(ref lastDown),
            () =>
            {
                if (IsOpen && !IsAbandoned)
                {
                    Owner.Received(this, frame);
                }
            }
        );
    }

    /// <summary>The service closes it.</summary>
    public void Drop()
    {
        if (IsOpen)
        {
            End("dropped by the service");
            if (!IsAbandoned)
            {
                IsAbandoned = true;
                world.Figures.Drops++;
                world.After(world.ServiceDice.Milliseconds(1, 50), () => Owner.Closed(this));
            }
        }
    }

    /// <summary>The client goes away, properly or so that nobody notices for a while; the latter more often when its line breaks.</summary>
    public void Leave(bool breaks)
    {
        IsAbandoned = true;
        if (world.Faults.Strikes(FaultKind.HalfOpen, weight: breaks ? 15 : 5))
        {
            world.After(world.ServiceDice.Milliseconds(500, 15_000), () => End("noticed late"));
        }
        else
        {
            End("left");
        }
    }

    private async Task OpenAsync()
    {
        accepted =
            await forwarding.ForwardAsync(context => new ClientEvent.Connect(context), 0) is EventReply.Accepted;
        if (!accepted)
        {
            Drop();
            return;
        }

        StartPump();
    }

    private void Arrive(long id, ReadOnlyMemory<byte> frame)
    {
        // What was under way when the client vanished never reached the service.
        if (IsOpen && !IsAbandoned)
        {
            events.Enqueue((id, frame));
            StartPump();
        }
    }

    /// <summary>P6: within a stated time it is known what becomes of an event, if only that the connection ends.</summary>
    private void CheckTurn(long id, TimeSpan turn, TimeSpan taken)
    {
        var isHealthy = !world.Faults.HasStruck;
        world.Figures.NoteTurn(turn, isHealthy);
        var removal = RemovalTime * ((world.Scenario.Retention is null ? 0 : 1) + world.Figures.Archives);
        if (turn > (isHealthy ? HealthyTurnMax + removal + (ResetTime * world.Figures.Resets) : TurnMax + taken))
        {
            world.Violate("P6 no silence", $"{Id} event {id} took {turn.TotalSeconds:F1} s");
        }
    }

    /// <summary>P6: a change of a page that cannot find out by itself is in the log, or its author was told.</summary>
    private void CheckTold(long id, ReadOnlyMemory<byte> frame, bool isTold)
    {
        if (Owner is not BryntumPage || isTold || !IsOpen || !frame.Span.StartsWith("{\"command\":\"project_change\""u8))
        {
            return;
        }

        var entries = world.Projects.SelectMany(project => world.Vault.Ledger.Of(project).Entries);
        if (!entries.Any(entry => entry.Origin.Connection == Id && entry.Origin.EventId == id))
        {
            world.Violate("P6 no silence", $"{Id} event {id} was not taken, and its author was not told");
        }
    }

    private void StartPump()
    {
        if (!pumping && accepted)
        {
            pumping = true;
            world.Spawn(PumpAsync(), "a connection");
        }
    }

    private async Task PumpAsync()
    {
        while (IsOpen && events.TryDequeue(out var next))
        {
            IsWaiting = true;
            var begun = world.Time.Elapsed;
            var taken = world.Faults.TimeTaken - world.Cluster.FrozenFor - world.Service.DownFor;
            var errors = Subscription.Errors;
            var reply = await forwarding.ForwardAsync(
                context => new ClientEvent.Message(context, next.Frame),
                next.EventId
            );
            IsWaiting = false;
            CheckTurn(next.EventId, world.Time.Elapsed - begun, world.Faults.TimeTaken - taken);
            if (reply is null)
            {
                Drop();
                break;
            }

            if (reply is EventReply.Text text && IsOpen)
            {
                Push(text.Frame);
            }

            CheckTold(next.EventId, next.Frame, Subscription.Errors > errors);
            Owner.Answered(this, next.EventId);
        }

        pumping = false;
    }

    /// <summary>When the next frame of one direction arrives: none overtakes another.</summary>
    private TimeSpan Next(ref TimeSpan last)
    {
        var arrival = world.Time.Elapsed + world.ServiceDice.Milliseconds(1, 25);
        last = arrival > last ? arrival : last + TimeSpan.FromMilliseconds(1);
        return last - world.Time.Elapsed;
    }

    private void End(string reason)
    {
        if (!IsOpen)
        {
            return;
        }

        world.Trace.Note($"{Id} ends: {reason}");
        IsOpen = false;
        world.Service.Forget(Id);
        if (!world.Faults.Strikes(FaultKind.DisconnectedLost, weight: 5))
        {
            var late = world.Faults.Strikes(FaultKind.DisconnectedLate, weight: 5);
            world.After(
                world.ServiceDice.Milliseconds(1, late ? 8_000 : 30),
                () => world.Spawn(TellEndAsync(), "an end")
            );
        }
    }

    private async Task TellEndAsync() =>
        await forwarding.ForwardAsync(context => new ClientEvent.Disconnected(context), eventId + 1);
}
