namespace ServerlessSync.Soak.Faults;

/// <summary>What can happen to a request on its way.</summary>
internal enum Fault
{
    None,

    /// <summary>It never arrives; the connection breaks.</summary>
    Dropped,

    /// <summary>It arrives; the connection breaks before the answer.</summary>
    AnswerLost,

    /// <summary>It arrives up to a second late.</summary>
    Delayed,

    /// <summary>The connection breaks at once, and the request arrives seconds later: after its repetition, or after its sender was given up.</summary>
    Late,

    /// <summary>It arrives twice, one right after the other; the first answer counts.</summary>
    Duplicated,

    /// <summary>It does not arrive; the answer is 503.</summary>
    Unavailable,
}

/// <summary>Decides about faults, from one seed, and counts them.</summary>
/// <param name="share">The probability that something happens to a request; the kinds are equally probable.</param>
/// <param name="seed">Decides the sequence; which request meets which fault depends on their order.</param>
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
    /// <summary>What happens to the next request, and how long it is kept back.</summary>
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
                    // A lease stands 5 s, and a send is given up after 2 s: before and after both.
                    Fault.Late => TimeSpan.FromSeconds(1 + (7 * random.NextDouble())),
                    _ => TimeSpan.Zero,
                }
            );
        }
    }
#pragma warning restore CA5394
}
