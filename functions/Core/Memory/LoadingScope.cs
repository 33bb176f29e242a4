namespace ServerlessSync.Core.Memory;

/// <summary>One reader's share of the budget and its turns at the gate. Not thread-safe.</summary>
public sealed class LoadingScope : IDisposable
{
    private readonly LoadingGate gate;
    private readonly LoadingKind kind;
    private volatile bool isBusy;

    internal LoadingScope(LoadingGate gate, LoadingKind kind)
    {
        this.gate = gate;
        this.kind = kind;
        Memory = gate.Budget.Open();
    }

    /// <summary>The budget that it draws on.</summary>
    public MemoryBudget Budget => gate.Budget;

    /// <summary>The memory that it holds.</summary>
    public MemoryAccount Memory { get; }

    /// <summary>
    /// Whether it waits for a turn or has one. It must not be evicted then: the reservation that needs room may be its
    /// own.
    /// </summary>
    public bool IsBusy => isBusy;

    /// <summary>Runs a load when its turn has come; other loads wait until it ends.</summary>
    /// <exception cref="LoadingRefusedException">The turn did not come in time.</exception>
    public async Task<T> LoadAsync<T>(Func<Task<T>> load, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(load);
        isBusy = true;
        try
        {
            using var permit = await gate.EnterAsync(kind, cancellationToken);
            return permit is null ? throw new LoadingRefusedException("Too many projects wait to be loaded.") : await load();
        }
        finally
        {
            isBusy = false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Memory.Dispose();
}
