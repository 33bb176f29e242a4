
namespace ServerlessSync.Core.Memory;

/// <summary>
/// Serialises the loading of stored states and files in this process: each takes a processor and several times the
/// memory that it finally holds. Waiters are served in order, live requests before bulk ones.
/// </summary>
public sealed class LoadingGate
{
    /// <summary>
    /// The longest wait: the largest project loads for some seconds, and a few may be ahead. Below the half minute
    /// after which people and proxies give up.
    /// </summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(15);

    /// <summary>Concurrent waiters. Each holds little memory, but more of them would wait in vain.</summary>
    private const int WaitersMax = 1_000;

    private readonly Lock gate = new();
    private readonly LinkedList<TaskCompletionSource<bool>> live = new();
    private readonly LinkedList<TaskCompletionSource<bool>> bulk = new();
    private readonly TimeProvider time;
    private bool taken;

    /// <summary>Creates an open gate in front of a budget.</summary>
    public LoadingGate(MemoryBudget budget, TimeProvider time)
    {
        Budget = budget;
        this.time = time;
    }

    /// <summary>When a refused caller should try again: one or two loads later.</summary>
    public static TimeSpan RetryAfter { get; } = TimeSpan.FromSeconds(5);

    /// <summary>The memory that loads may take.</summary>
    public MemoryBudget Budget { get; }

    /// <summary>Opens the scope of one reader.</summary>
    public LoadingScope Open(LoadingKind kind) => new(this, kind);

    /// <summary>Waits for the caller's turn. Null when it did not come in time.</summary>
    /// <param name="kind">The caller's priority.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
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

/// <summary>The priority of a load.</summary>
public enum LoadingKind
{
    /// <summary>A client waits: a project is opened or edited, or a dataset is owed.</summary>
    Live,

    /// <summary>Files, history and maintenance: no page waits for them.</summary>
    Bulk,
}

/// <summary>A turn at the gate, until it is disposed.</summary>
public sealed class LoadingPermit : IDisposable
{
    private LoadingGate? gate;

    internal LoadingPermit(LoadingGate gate) => this.gate = gate;

    /// <summary>Ends the turn; the next waiter enters.</summary>
    public void Dispose() => Interlocked.Exchange(ref gate, null)?.Leave();
}
