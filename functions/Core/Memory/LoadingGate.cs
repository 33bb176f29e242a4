
namespace ServerlessSync.Core.Memory;

/// <summary>
/// Lets one stored state or file at a time be read in this process, over whichever door it is asked for: that takes several times what is
/// left in the end, and all of a processor. Those who wait go in their order, people who open a project before files and history.
/// </summary>
public sealed class LoadingGate
{
    /// <summary>
    /// How long somebody waits: the largest project takes some seconds, and a few may be ahead. Below the half minute after which people
    /// and proxies give up.
    /// </summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(15);

    /// <summary>Those who wait at the same time; what they hold is small, and more would wait in vain.</summary>
    private const int WaitersMax = 1_000;

    private readonly Lock gate = new();
    private readonly LinkedList<TaskCompletionSource<bool>> live = new();
    private readonly LinkedList<TaskCompletionSource<bool>> bulk = new();
    private readonly TimeProvider time;
    private bool taken;

    /// <summary>Makes an open gate in front of a budget.</summary>
    public LoadingGate(MemoryBudget budget, TimeProvider time)
    {
        Budget = budget;
        this.time = time;
    }

    /// <summary>When somebody who was not let in had better ask again: a load or two later.</summary>
    public static TimeSpan RetryAfter { get; } = TimeSpan.FromSeconds(5);

    /// <summary>What may be taken.</summary>
    public MemoryBudget Budget { get; }

    /// <summary>What one reader takes and waits for.</summary>
    public LoadingScope Open(LoadingKind kind) => new(this, kind);

    /// <summary>Waits for its turn. Null when that did not come in time.</summary>
    /// <param name="kind">Who asks.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<LoadingPermit?> EnterAsync(LoadingKind kind, CancellationToken cancellationToken)
    {
        var queue = kind == LoadingKind.Live ? live : bulk;
        var turn = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        LinkedListNode<TaskCompletionSource<bool>> place;
        lock (gate)
        {
            if (!taken)
            {
                taken = true;
                return new LoadingPermit(this);
            }

            if (queue.Count >= WaitersMax)
            {
                return null;
            }

            place = queue.AddLast(turn);
        }

        try
        {
            await using var limit = time.CreateTimer(
                static state => ((TaskCompletionSource<bool>)state!).TrySetResult(false),
                turn,
                WaitMax,
                Timeout.InfiniteTimeSpan
            );
            await using var end = cancellationToken.Register(() => turn.TrySetCanceled(cancellationToken));
            return await turn.Task ? new LoadingPermit(this) : null;
        }
        finally
        {
            lock (gate)
            {
                place.List?.Remove(place);
            }
        }
    }

    internal void Leave()
    {
        lock (gate)
        {
            while ((live.First ?? bulk.First) is { } next)
            {
                next.List!.Remove(next);
                if (next.Value.TrySetResult(true))
                {
                    return;
                }
            }

            taken = false;
        }
    }
}

/// <summary>Who wants to load.</summary>
public enum LoadingKind
{
    /// <summary>Somebody opens or edits a project, or is owed something of it.</summary>
    Live,

    /// <summary>A file, the history, upkeep: nobody looks at a page that stands still meanwhile.</summary>
    Bulk,
}

/// <summary>A turn at the gate; others get in when it is given back.</summary>
public sealed class LoadingPermit : IDisposable
{
    private LoadingGate? gate;

    internal LoadingPermit(LoadingGate gate) => this.gate = gate;

    /// <summary>Lets the next one in.</summary>
    public void Dispose() => Interlocked.Exchange(ref gate, null)?.Leave();
}
