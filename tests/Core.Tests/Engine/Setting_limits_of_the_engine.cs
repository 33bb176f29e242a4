using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Engine.Committing;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Engine;

public sealed class Setting_limits_of_the_engine
{
    public static TheoryData<string, Func<SequencerOptions, SequencerOptions>> Refused { get; } =
        new()
        {
            { nameof(SequencerOptions.LeaseRenewal), static options => options with { LeaseRenewal = TimeSpan.Zero } },
            { nameof(SequencerOptions.LeaseTime), static options => options with { LeaseTime = options.LeaseRenewal } },
            { nameof(SequencerOptions.CommitBackOff), static options => options with { CommitBackOff = TimeSpan.Zero } },
            { nameof(SequencerOptions.InboxPollInterval), static options => options with { InboxPollInterval = TimeSpan.Zero } },
            { nameof(SequencerOptions.ForwardCheck), static options => options with { ForwardCheck = TimeSpan.Zero } },
            { nameof(SequencerOptions.PublishRetry), static options => options with { PublishRetry = TimeSpan.Zero } },
            { nameof(SequencerOptions.WatchMin), static options => options with { WatchMin = TimeSpan.Zero } },
            { nameof(SequencerOptions.WatchMax), static options => options with { WatchMax = TimeSpan.FromMilliseconds(1) } },
            { nameof(SequencerOptions.WatchForwarded), static options => options with { WatchForwarded = TimeSpan.Zero } },
            { nameof(SequencerOptions.IdleTime), static options => options with { IdleTime = TimeSpan.Zero } },
            { nameof(SequencerOptions.DueRenewal), static options => options with { DueRenewal = TimeSpan.Zero } },
            { nameof(SequencerOptions.CommitAttemptsMax), static options => options with { CommitAttemptsMax = 0 } },
            { nameof(SequencerOptions.ForwardAfter), static options => options with { ForwardAfter = 0 } },
            { nameof(SequencerOptions.SendAttemptsMax), static options => options with { SendAttemptsMax = 0 } },
            { nameof(SequencerOptions.CommitEntriesMax), static options => options with { CommitEntriesMax = 0 } },
            { nameof(SequencerOptions.CommitBytesMax), static options => options with { CommitBytesMax = 0 } },
            { nameof(SequencerOptions.MailboxMax), static options => options with { MailboxMax = 0 } },
            { nameof(SequencerOptions.MailboxBytesMax), static options => options with { MailboxBytesMax = 0 } },
            { nameof(SequencerOptions.JoinsInParallel), static options => options with { JoinsInParallel = 0 } },
            { nameof(SequencerOptions.LooksInParallel), static options => options with { LooksInParallel = 0 } },
            { nameof(SequencerOptions.SnapshotEntries), static options => options with { SnapshotEntries = 0 } },
            { nameof(SequencerOptions.InboxRowsMax), static options => options with { InboxRowsMax = 0 } },
            { nameof(SequencerOptions.InboxRowsMax), static options => options with { InboxRowsMax = 91 } },
            { nameof(SequencerOptions.QuietTime), static options => options with { QuietTime = TimeSpan.FromMilliseconds(399) } },
            { nameof(SequencerOptions.Window), static options => options with { Window = new EditWindow { Max = TimeSpan.FromSeconds(1) } } },
        };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void A_number_that_cannot_work_is_refused_by_name(string name, Func<SequencerOptions, SequencerOptions> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var options = change(new SequencerOptions());

        var refusal = Assert.Throws<ArgumentOutOfRangeException>(() => VirtualTime.Run(time => Task.FromResult(new World(time, options: options))));

        Assert.Equal(name, refusal.ParamName);
    }
}
