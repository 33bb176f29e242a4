namespace ServerlessSync.Benchmarks.Load;

/// <summary>The faults in what clients received.</summary>
internal sealed record Faults
{
    public long Duplicates { get; set; }

    /// <summary>Numbers below an earlier one, and changes of one author in the wrong order.</summary>
    public long Disorders { get; set; }

    /// <summary>Skipped numbers.</summary>
    public long Gaps { get; set; }

    public long Errors { get; set; }

    /// <summary>Unrequested datasets: the server refused a change and resynced its client.</summary>
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

/// <summary>Checks the stream of one receiver: numbers without repetitions and gaps, and each author's changes in order.</summary>
internal sealed class ReceivedOrder(int authors)
{
    private readonly int[] lastLocal = new int[authors];
    private readonly HashSet<(int Author, int Local)> skipped = [];
    private long lastNumber;

    public Faults Faults { get; } = new();

    /// <summary>A revision of another or an unknown client.</summary>
    public void Take(long number) => CheckNumber(number);

    /// <summary>A revision of one of our clients. False when this receiver already has it.</summary>
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

            // It follows a revision that its author made later.
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

    /// <summary>A dataset starts a new stream: its number is not stated, so the next one counts as correct.</summary>
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
