using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Tests.Engine;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Limits;

public sealed class Waiting_in_a_full_mailbox
{
    [Fact]
    public void What_finds_no_place_is_for_the_service_to_deliver_again_and_what_waits_is_done() =>
        VirtualTime.Run(time =>
            new World(time, options: new SequencerOptions { StateBytesMax = 1 << 30, MailboxMax = 3 }).RunAsync(async world =>
            {
                var clients = new List<TestClient>();
                for (var number = 0; number < 8; number++)
                {
                    clients.Add(await world.JoinAsync($"user {number}"));
                }

                world.GateOf(0).Hold();
                var changes = clients.Select(client => client.RenameAsync(1, "by all")).ToArray();
                await world.Time.PassAsync(TimeSpan.FromMilliseconds(100));
                var answered = changes.Count(static change => change.IsCompleted);
                world.GateOf(0).Open();
                var replies = await Task.WhenAll(changes);
                var refused = replies.Count(static reply => reply is EventReply.Unavailable);

                Assert.InRange(refused, 1, 5);
                Assert.Equal(refused, answered);
                Assert.Equal(8 - refused, replies.Count(static reply => reply is EventReply.Done));
                Assert.Equal(8 - refused, clients[0].Numbers.Count);
            })
        );
}
