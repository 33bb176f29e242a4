namespace ServerlessSync.Support;

/// <summary>A value that is created on first use and shared by all callers.</summary>
public sealed class Once<T>(Func<Task<T>> start)
{
    private readonly Lock guard = new();
    private Task<T>? started;

    /// <summary>Whether the value was created, and so has to be disposed of.</summary>
    public bool IsThere => started is { IsCompletedSuccessfully: true };

    /// <summary>Creates the value, or waits for a creation that is under way.</summary>
    public Task<T> GetAsync()
    {
        lock (guard)
        {
            return started ??= start();
        }
    }
}
