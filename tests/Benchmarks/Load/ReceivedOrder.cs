namespace ServerlessSync.Benchmarks.Load;

/// <summary>What was wrong with what clients received.</summary>
internal sealed record Faults
{
    public long Duplicates { get; set; }

    /// <summary>Numbers below one that came before them, and changes of one author that came in another order.</summary>
    public long Disorders { get; set; }

    /// <summary>Numbers that were passed over.</summary>
    public long Gaps { get; set; }

    public long Errors { get; set; }

    /// <summary>Datasets that nobody asked for: the server healed a client, and its change was not taken.</summary>
    public long Resyncs { get; set; }

    public string? FirstError { get; set; }

    public void Add(Faults other)
    {
        Duplicates += other.Duplicates;
        Disorders += other.Disorders;
        Gaps += other.Gaps;
        Errors += other.Errors;
        Resyncs += other.Resyncs;
        FirstError ??= other.FirstError;
    }
}

/// <summary>Checks the stream of one receiver: numbers without repetition or hole, and each author's changes in its order.</summary>
internal sealed class ReceivedOrder(int authors)
{
    private readonly int[] lastLocal = new int[authors];
    private readonly HashSet<(int Author, int Local)> skipped = [];
    private long lastNumber;

    public Faults Faults { get; } = new();

    /// <summary>A revision of somebody else, or of nobody known.</summary>
    public void Take(long number) => CheckNumber(number);

    /// <summary>A revision of one of our clients. False when this receiver has had it already.</summary>
    public bool Take(long number, int author, int local)
    {
        ref var last = ref lastLocal[author];
        if (local <= last)
        {
            if (!skipped.Remove((author, local)))
            {
                Faults.Duplicates++;
                return false;
            }

            // It comes after one that its author made later.
            Faults.Disorders++;
            return true;
        }

        while (++last < local)
        {
            skipped.Add((author, last));
        }

        CheckNumber(number);
        return true;
    }

    /// <summary>A dataset begins a new stream: its number is not told, so the next one counts as right.</summary>
    public void Restart() => lastNumber = 0;

    private void CheckNumber(long number)
    {
        if (lastNumber != 0 && number != lastNumber + 1)
        {
            if (number == lastNumber)
            {
                Faults.Duplicates++;
            }
            else if (number < lastNumber)
            {
                Faults.Disorders++;
            }
            else
            {
                Faults.Gaps += number - lastNumber - 1;
            }
        }

        lastNumber = Math.Max(lastNumber, number);
    }
}
