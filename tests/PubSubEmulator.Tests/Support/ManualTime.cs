using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace ServerlessSync.PubSubEmulator.Tests.Support;

/// <summary>A clock that only the test advances, and that signals when a caller starts to wait.</summary>
internal sealed class ManualTime : FakeTimeProvider
{
    private readonly Channel<TimeSpan> timers = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        timers.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Waits until a caller waits for a time span, then advances by exactly that span.</summary>
    public async Task PassAsync(TimeSpan span)
    {
        while (await Soon.Within(timers.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask()) != span)
        {
            // Other waits, such as that for the upstream's response, do not concern the test.
        }

        Advance(span);
    }

    public Task PassSecondsAsync(double seconds) => PassAsync(TimeSpan.FromSeconds(seconds));
}
