using ServerlessSync.Core.Model;
using ServerlessSync.Simulation.Checks;
using ServerlessSync.Simulation.Clients;
using ServerlessSync.Simulation.Faults;

namespace ServerlessSync.Simulation.Service;

/// <summary>One connection. Its events are delivered one at a time, in order; so are the frames to its client.</summary>
internal sealed class Socket
{
    /// <summary>The longest turn without faults: a resync takes two quiet times (SequencerOptions.QuietTime), and may wait for others.</summary>
    private static readonly TimeSpan HealthyTurnMax = TimeSpan.FromSeconds(4);

    /// <summary>A reset delays its project for two quiet times, and a dataset that is being sent then starts again.</summary>
    private static readonly TimeSpan ResetTime = TimeSpan.FromSeconds(3 * 0.7);

    /// <summary>
    /// After a compaction or a restore from an archive, an engine may find that its part of the log was removed. It fails once and reloads, and the
    /// redelivery (<see cref="Forwarding"/>) may reach another engine in the same situation.
    /// </summary>
    private static readonly TimeSpan RemovalTime = TimeSpan.FromSeconds(1 + 3);

    /// <summary>
    /// The longest turn with faults: four deliveries with 9 s between them (<see cref="Forwarding"/>), each to an instance that may wait for a dead holder of
    /// the lease (5 s) and then try three sends of 2 s. Twice that, since another instance can delay what it waits for in the same way. The time that
    /// the faults themselves take is added: hanging calls, deaths, freezes, outages.
    /// </summary>
    public static readonly TimeSpan TurnMax = TimeSpan.FromSeconds(9 + (2 * 4 * (5 + 6)));

    private readonly World world;
    private readonly Queue<(long EventId, ReadOnlyMemory<byte> Frame)> events = new();
    private readonly Forwarding forwarding;
    private readonly HashSet<long> redelivered = [];
    private readonly HashSet<long> standstills = [];
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

    /// <summary>Checks what it is sent.</summary>
    public Subscription Subscription { get; }

    /// <summary>Whether the service keeps it open.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>Whether one of its events is being handled.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>Whether its client has left, even if the service has not noticed.</summary>
    public bool IsAbandoned { get; private set; }

    public string? State { get; set; }

    /// <summary>Whether an event was redelivered.</summary>
    public bool IsRedelivered(long id) => redelivered.Contains(id);

    /// <summary>Notes a redelivery of an event.</summary>
    public void NoteRedelivery(long id) => redelivered.Add(id);

    /// <summary>
    /// Whether an event waited for a process that stood still, longer than the margin of a dataset and too short to show in the whole seconds
    /// of its time.
    /// </summary>
    public bool MetStandstill(long id) => standstills.Contains(id);

    /// <summary>Notes that an event came to a process that stands still.</summary>
    public void NoteStandstill(long id) => standstills.Add(id);

    /// <summary>Sends a frame from the client. Returns the id of its event.</summary>
    public long Send(ReadOnlyMemory<byte> frame)
    {
        var id = ++eventId;
        world.After(Next(ref lastUp), () => Arrive(id, frame));
        return id;
    }

    /// <summary>Sends a frame to the client.</summary>
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

    /// <summary>Closes the connection from the service's side.</summary>
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

    /// <summary>Ends the connection from the client's side: properly, or half-open, which the service notices late. Half-open is likelier when the network breaks.</summary>
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
        // Frames in flight when the client disappeared never reach the service.
        if (IsOpen && !IsAbandoned)
        {
            events.Enqueue((id, frame));
            StartPump();
        }
    }

    /// <summary>P6: the outcome of an event is known within a stated time, even if it is the end of the connection.</summary>
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

    /// <summary>P6: a change from Bryntum's client, which does not resend, is in the log or its author got an error.</summary>
    private void CheckTold(long id, ReadOnlyMemory<byte> frame, bool isTold)
    {
        if (Owner is not BryntumPage || isTold || !IsOpen || !frame.Span.StartsWith("{\"command\":\"project_change\""u8))
        {
            return;
        }

        var entries = world.Projects.SelectMany(project => world.Vault.Ledger.Of(project).Entries);
        if (!entries.Any(entry => entry.Origin.Connection == Id && entry.Origin.EventId == id))
        {
            world.Violate("P6 no silence", $"{Id} event {id} was not accepted, and its author got no error");
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

    /// <summary>The delay of the next frame in one direction. Frames never overtake each other.</summary>
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
