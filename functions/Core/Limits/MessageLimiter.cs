using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Limits;

/// <summary>
/// Decides when a socket's message may be handled. The connection's buckets travel in the connection state; the user's
/// buckets are kept by this instance. A user thus gets the full rate on each instance that handles the user's events,
/// but a message costs no round trip.
/// </summary>
internal sealed class MessageLimiter
{
    private readonly RateLimitOptions options;
    private readonly TimeProvider time;
    private readonly ILimitObserver? observer;
    private readonly BucketSet connection;
    private readonly KeyedBuckets users;

    /// <summary>Creates a limiter.</summary>
    /// <exception cref="ArgumentException">An option cannot be used; the message names each.</exception>
    public MessageLimiter(RateLimitOptions options, TimeProvider time, ILimitObserver? observer)
    {
        if (options.Problems() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        }

        this.options = options;
        this.time = time;
        this.observer = observer;
        connection = options.Connection.ToSet();
        users = new KeyedBuckets(options.User.ToSet(), time);
    }

    /// <summary>The longest delay of a message.</summary>
    public TimeSpan DelayMax => options.DelayMax;

    /// <summary>
    /// Takes the cost of a message, unless the message would have to wait longer than <paramref name="patience"/>.
    /// </summary>
    /// <param name="state">The connection state.</param>
    /// <param name="user">The user; null before login.</param>
    /// <param name="cost">The cost of the message.</param>
    /// <param name="patience">How long the message may be delayed.</param>
    public MessageTurn Take(string? state, string? user, MessageCost cost, TimeSpan patience)
    {
        if (!options.IsOn)
        {
            return new MessageTurn(default, fullAt: null);
        }

        ReadOnlySpan<long> costs = [1, cost.Bytes, cost.IsLoad ? 1 : 0, cost.IsReset ? 1 : 0];
        var now = time.GetUtcNow().Ticks;
        var fullAt = ConnectionBuckets.Read(state, connection.Count);
        var wait = connection.WaitFor(fullAt, costs, now);
        if (wait.Time <= patience && user is not null)
        {
            var shared = users.TryTake(user, costs, patience);
            wait = shared.Time > wait.Time ? shared : wait;
        }

        if (wait.Time <= patience)
        {
            connection.Take(fullAt, costs, now);
        }

        return new MessageTurn(wait, wait.Time <= patience ? fullAt : null);
    }

    /// <summary>Delays a message, and notifies the observer.</summary>
    public Task DelayAsync(MessageTurn turn, LimitAction action, CancellationToken cancellationToken)
    {
        observer?.LimitReached(turn.Kind, action);
        var pause = turn.Wait > DelayMax ? DelayMax : turn.Wait;
        return Task.Delay(pause, time, cancellationToken);
    }

    /// <summary>The reply, with the connection's buckets written to its state.</summary>
    public EventReply Remember(MessageTurn turn, EventReply reply, string? state)
    {
        if (turn.FullAt is not { } fullAt)
        {
            return reply;
        }

        var now = time.GetUtcNow().Ticks;
        return reply switch
        {
            EventReply.Done done => done with { State = ConnectionBuckets.Write(done.State ?? state, fullAt, now) },
            EventReply.Text text => text with { State = ConnectionBuckets.Write(text.State ?? state, fullAt, now) },
            // The service delivers the event again, with the state that it had.
            _ => reply,
        };
    }
}
