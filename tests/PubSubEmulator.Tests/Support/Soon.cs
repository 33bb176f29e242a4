namespace ServerlessSync.PubSubEmulator.Tests.Support;

/// <summary>Bounds a wait, so that a broken promise fails a test instead of hanging the run.</summary>
internal static class Soon
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static Task<T> Within<T>(Task<T> task) => task.WaitAsync(Limit);

    public static Task Within(Task task) => task.WaitAsync(Limit);

    /// <summary>Waits for a condition that raises no event, by polling.</summary>
    public static async Task UntilAsync(Func<bool> isTrue)
    {
        var until =
            TimeProvider.System.GetTimestamp() + (long)(Limit.TotalSeconds * TimeProvider.System.TimestampFrequency);
        while (!isTrue())
        {
            Assert.True(TimeProvider.System.GetTimestamp() < until, "It did not become true.");
            await Task.Yield();
        }
    }
}
