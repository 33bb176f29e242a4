namespace ServerlessSync.Core.Memory;

/// <summary>What one holder has taken of a <see cref="MemoryBudget"/>. One thread at a time may use it; giving it back twice is no harm.</summary>
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

    /// <summary>Bytes that are taken.</summary>
    public long Bytes => Volatile.Read(ref bytes);

    /// <summary>Takes more, if that is there without evicting anybody.</summary>
    public bool TryTake(long more)
    {
        if (!budget.TryTake(more))
        {
            return false;
        }

        bytes += more;
        return true;
    }

    /// <summary>Takes more. False when the budget has no room for it.</summary>
    public async Task<bool> TryReserveAsync(long more)
    {
        if (!await budget.TakeAsync(more))
        {
            return false;
        }

        bytes += more;
        return true;
    }

    /// <summary>Takes more.</summary>
    /// <exception cref="LoadingRefusedException">The budget has no room for it.</exception>
    public async Task ReserveAsync(long more)
    {
        if (!await TryReserveAsync(more))
        {
            throw new LoadingRefusedException($"{more} bytes more do not fit the {budget.Limit} bytes for projects; {budget.Used} are taken.");
        }
    }

    /// <summary>States what is really held: estimates end here, and what grew in place is told.</summary>
    public void Set(long held)
    {
        if (!closed)
        {
            budget.Adjust(held - bytes);
            bytes = held;
        }
    }

    /// <summary>Gives everything back.</summary>
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
