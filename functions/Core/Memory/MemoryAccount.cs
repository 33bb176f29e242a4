namespace ServerlessSync.Core.Memory;

/// <summary>
/// The bytes that one holder has taken from a <see cref="MemoryBudget"/>. Not thread-safe; disposing twice is harmless.
/// </summary>
public sealed class MemoryAccount : IDisposable
{
    private readonly MemoryBudget budget;
    private readonly long body;
    private long bytes;
    private bool closed;

    internal MemoryAccount(MemoryBudget budget, long body = 0)
    {
        this.budget = budget;
        this.body = body;
        bytes = body;
    }

    /// <summary>Bytes that the holder has taken.</summary>
    public long Bytes => Volatile.Read(ref bytes);

    /// <summary>Takes more bytes if they are free. Evicts nothing.</summary>
    public bool TryTake(long more)
    {
        if (!budget.TryTake(more))
        {
            return false;
        }

        bytes += more;
        return true;
    }

    /// <summary>Takes more bytes, evicting idle engines if necessary. False when there is still no room.</summary>
    public async Task<bool> TryReserveAsync(long more)
    {
        if (!await budget.TakeAsync(more))
        {
            return false;
        }

        bytes += more;
        return true;
    }

    /// <summary>Takes more bytes, evicting idle engines if necessary.</summary>
    /// <exception cref="LoadingRefusedException">There is still no room.</exception>
    public async Task ReserveAsync(long more)
    {
        if (!await TryReserveAsync(more))
        {
            throw new LoadingRefusedException($"{more} more bytes do not fit the {budget.Limit} bytes for projects; {budget.Used} are taken.");
        }
    }

    /// <summary>Replaces the estimate by the bytes that are really held, including growth in place.</summary>
    public void Set(long held)
    {
        if (!closed)
        {
            budget.Adjust(held - bytes);
            bytes = held;
        }
    }

    /// <summary>Returns all bytes to the budget.</summary>
    public void Dispose()
    {
        if (!closed)
        {
            closed = true;
            budget.GiveBack(bytes, body);
            bytes = 0;
        }
    }
}
