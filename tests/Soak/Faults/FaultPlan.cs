namespace ServerlessSync.Soak.Faults;

/// <summary>The faults that a request can meet.</summary>
internal enum Fault
{
    None,

    /// <summary>The request is lost; the connection breaks.</summary>
    Dropped,

    /// <summary>The request arrives; the connection breaks before the response.</summary>
    AnswerLost,

    /// <summary>The request arrives up to a second late.</summary>
    Delayed,

    /// <summary>
    /// The connection breaks at once, but the request arrives seconds later: after its retry, or after its sender lost the
    /// lease.
    /// </summary>
    Late,

    /// <summary>The request arrives twice in a row; the first response counts.</summary>
    Duplicated,

    /// <summary>The request does not arrive; the response is 503.</summary>
    Unavailable,
}

/// <summary>Chooses faults, from one seed, and counts them.</summary>
/// <param name="share">The probability that a request meets a fault; all kinds are equally likely.</param>
/// <param name="seed">Determines the sequence of faults; which request meets which fault depends on their order.</param>
/// <param name="time">The clock of the delays.</param>
internal sealed class FaultPlan(double share, int seed, TimeProvider time)
{
    private const int Kinds = (int)Fault.Unavailable;

    private readonly Random random = new(seed);
    private readonly int[] counts = new int[Kinds + 1];
    private readonly Lock guard = new();

    public TimeProvider Time => time;

    /// <summary>Faults so far.</summary>
    public int Total
    {
        get
        {
            lock (guard)
            {
                return counts.Sum();
            }
        }
    }

    public override string ToString()
    {
        lock (guard)
        {
            return string.Join(", ", Enumerable.Range(1, Kinds).Select(kind => $"{(Fault)kind} {counts[kind]}"));
        }
    }

#pragma warning disable CA5394 // Repeatable on purpose; nothing is kept secret by it.
    /// <summary>The fault of the next request, and its delay.</summary>
    public (Fault Fault, TimeSpan Delay) Next()
    {
        lock (guard)
        {
            if (random.NextDouble() >= share)
            {
                return (Fault.None, TimeSpan.Zero);
            }

            var fault = (Fault)random.Next(1, Kinds + 1);
            counts[(int)fault]++;
            return (
                fault,
                fault switch
                {
                    Fault.Delayed => TimeSpan.FromSeconds(random.NextDouble()),
                    // A lease lasts 5 s, and a send times out after 2 s: the delay covers both.
                    Fault.Late => TimeSpan.FromSeconds(1 + (7 * random.NextDouble())),
                    _ => TimeSpan.Zero,
                }
            );
        }
    }
#pragma warning restore CA5394
}
