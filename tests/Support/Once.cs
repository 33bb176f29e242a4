namespace ServerlessSync.Support;

/// <summary>Something that is started when it is asked for first, and then is the same for all who ask.</summary>
public sealed class Once<T>(Func<Task<T>> start)
{
    private readonly Lock guard = new();
    private Task<T>? started;

    /// <summary>Whether it was started and is there, so that it is to be disposed of.</summary>
    public bool IsThere => started is { IsCompletedSuccessfully: true };

    /// <summary>Starts it, or waits with those who asked before.</summary>
    public Task<T> GetAsync()
    {
        lock (guard)
        {
            return started ??= start();
        }
    }
}
