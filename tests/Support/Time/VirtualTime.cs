namespace ServerlessSync.Support.Time;

/// <summary>
/// One thread, one queue, and a clock that jumps to the next timer when no work is left. Code that waits through <see
/// cref="TimeProvider"/> and awaits without leaving its context runs deterministically in it.
/// </summary>
public sealed class VirtualTime : TimeProvider
{
    /// <summary>The most virtual time of one run: beyond it, something polls forever.</summary>
    private static readonly TimeSpan ElapsedMax = TimeSpan.FromHours(1);

    private readonly Context context;
    private readonly PriorityQueue<VirtualTimer, (long DueTicks, long Order)> timers = new();
    private readonly Queue<(SendOrPostCallback Callback, object? State)> ready = new();
    private long ticks;
    private long order;

    /// <summary>Creates a world that starts at a fixed moment.</summary>
    public VirtualTime() => context = new Context(this);

    /// <summary>Virtual time since the start.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(ticks);

    /// <summary>Chooses which ready callback runs next; the first one unless a simulation wants other orders.</summary>
    public Func<int, int> Choose { get; set; } = static _ => 0;

    /// <summary>The most callbacks of one run: beyond them, something spins. Long runs with many clients need more.</summary>
    public long StepsMax { get; init; } = 2_000_000;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Runs a scenario to its end. Throws when it waits for something that cannot happen.</summary>
    public static void Run(Func<VirtualTime, Task> scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        var world = new VirtualTime();
        world.RunToEnd(() => scenario(world));
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => ticks;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero).AddTicks(ticks);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Lets virtual time pass.</summary>
    public Task PassAsync(TimeSpan time) => Task.Delay(time, this);

    /// <summary>Runs a scenario in this world to its end.</summary>
    public void RunToEnd(Func<Task> scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            var run = scenario();
            for (var step = 0L; !run.IsCompleted; step++)
            {
                if (step > StepsMax || Elapsed > ElapsedMax)
                {
                    throw new InvalidOperationException($"Still running after {step} steps and {Elapsed} of virtual time.");
                }

                Step();
            }

#pragma warning disable VSTHRD002 // It has completed; this only brings out its exception.
            run.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private void Step()
    {
        if (ready.Count > 0)
        {
            for (var skip = ready.Count > 1 ? Choose(ready.Count) : 0; skip > 0; skip--)
            {
                ready.Enqueue(ready.Dequeue());
            }

            var (callback, state) = ready.Dequeue();
            callback(state);
        }
#pragma warning disable CA2000 // The timer belongs to its creator.
        else if (timers.TryDequeue(out var timer, out var due))
#pragma warning restore CA2000
        {
            if (timer.IsDue(due))
            {
                ticks = Math.Max(ticks, due.DueTicks);
                timer.Fire();
            }
        }
        else
        {
            throw new InvalidOperationException($"Nothing more can happen after {Elapsed} of virtual time, but the scenario is still waiting.");
        }
    }

    private sealed class Context(VirtualTime world) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => world.ready.Enqueue((d, state));

        public override void Send(SendOrPostCallback d, object? state) => d(state);

        public override SynchronizationContext CreateCopy() => this;
    }

    private sealed class VirtualTimer(VirtualTime world, TimerCallback callback, object? state) : ITimer
    {
        private (long DueTicks, long Order)? next;
        private TimeSpan period;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            this.period = period;
            next = null;
            if (dueTime >= TimeSpan.Zero)
            {
                Schedule(dueTime);
            }

            return true;
        }

        public bool IsDue((long DueTicks, long Order) due) => next == due;

        public void Fire()
        {
            next = null;
            if (period > TimeSpan.Zero)
            {
                Schedule(period);
            }

            world.context.Post(state => callback(state), state);
        }

        public void Dispose() => next = null;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Schedule(TimeSpan dueTime)
        {
            next = (world.ticks + Math.Max(0, dueTime.Ticks), world.order++);
            world.timers.Enqueue(this, next.Value);
        }
    }
}
