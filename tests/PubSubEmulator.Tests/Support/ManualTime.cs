using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace ServerlessSync.PubSubEmulator.Tests.Support;

/// <summary>A clock that only the test moves, and that tells when somebody begins to wait for it.</summary>
internal sealed class ManualTime : FakeTimeProvider
{
    private readonly Channel<TimeSpan> timers = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        timers.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Waits until somebody waits for a time span, then lets exactly that span pass.</summary>
    public async Task PassAsync(TimeSpan span)
    {
        while (await Soon.Within(timers.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask()) != span)
        {
            // Other waits, as for the answer of the upstream, are none of the test's business.
        }

        Advance(span);
    }

    public Task PassSecondsAsync(double seconds) => PassAsync(TimeSpan.FromSeconds(seconds));
}
