using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Engine;

public sealed class Gathering_requests
{
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(8);

    [Fact]
    public void Requests_that_come_in_time_are_waited_for() =>
        Play(async (time, mailbox) =>
        {
            var gathered = mailbox.GatherAsync(count: 3, Gather);
            mailbox.Post(Request(1));
            await time.PassAsync(Gather / 4);
            mailbox.Post(Request(2));
            Assert.False(gathered.IsCompleted);

            mailbox.Post(Request(3));
            await gathered;

            Assert.Equal(Gather / 4, time.Elapsed);
            Assert.Equal(3, mailbox.Count);
        });

    [Fact]
    public void What_does_not_come_is_waited_for_no_longer_than_said() =>
        Play(async (time, mailbox) =>
        {
            var gathered = mailbox.GatherAsync(count: 3, Gather);
            await time.PassAsync(Gather / 2);
            mailbox.Post(Request(1));

            await gathered;

            Assert.Equal(Gather, time.Elapsed);
        });

    [Fact]
    public void A_mailbox_that_is_closed_waits_for_nothing() =>
        Play(async (time, mailbox) =>
        {
            var gathered = mailbox.GatherAsync(count: 3, Gather);
            Assert.True(mailbox.Close(onlyIfEmpty: true));

            await gathered;

            Assert.Equal(TimeSpan.Zero, time.Elapsed);
        });

    private static void Play(Func<VirtualTime, Mailbox, Task> scenario) =>
        VirtualTime.Run(time => scenario(time, new Mailbox(capacity: 10, bytesMax: 1 << 20, new MemoryBudget(1 << 20, time), time)));

    private static LeaveItem Request(long number) => new(new Origin("Hugo", new ConnectionId("c1"), number), DateTimeOffset.UnixEpoch, received: 0);
}
