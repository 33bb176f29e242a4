namespace ServerlessSync.Core.Memory;

/// <summary>What one reader of projects has taken of the budget, and its turns at the gate. One thread at a time may use it.</summary>
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

    /// <summary>Of which it takes.</summary>
    public MemoryBudget Budget => gate.Budget;

    /// <summary>What it has taken.</summary>
    public MemoryAccount Memory { get; }

    /// <summary>Whether it waits for its turn or has it; then it must not be evicted for somebody else, who may be itself.</summary>
    public bool IsBusy => isBusy;

    /// <summary>Loads something when its turn has come; others wait until that has ended.</summary>
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
