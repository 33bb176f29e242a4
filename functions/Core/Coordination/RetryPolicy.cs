using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Coordination;

/// <summary>How long to pause after failures: longer from one to the next, up to a limit.</summary>
/// <param name="First">The longest pause after the first failure.</param>
/// <param name="Max">The longest pause of all.</param>
/// <param name="Factor">By what the pause grows with each failure.</param>
/// <param name="Jitter">The share of the pause that is random, so that the losers of one race do not meet again in the next.</param>
internal sealed record RetryPolicy(TimeSpan First, TimeSpan Max, double Factor = 2, double Jitter = 0)
{
    /// <summary>The pause after a number of failures in a row.</summary>
    public TimeSpan PauseAfter(int failures, IIdSource ids)
    {
        var longest = Math.Min(Max.TotalSeconds, First.TotalSeconds * Math.Pow(Factor, failures - 1));
        return TimeSpan.FromSeconds(Jitter == 0 ? longest : longest * (1 - (Jitter * (1 - ids.NextDouble()))));
    }
}
