using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Engine;

/// <summary>What fails concerns those who needed it, and no one else; what is loaded stays loaded.</summary>
public sealed class Failing_alone
{
    private static readonly TimeSpan Old = TimeSpan.FromMilliseconds(1_500);

    [Fact]
    public void When_the_service_does_not_say_whether_an_author_is_there_only_its_change_is_refused() =>
        Run(async world =>
        {
            var (doubtful, late, fresh) = (await world.JoinAsync("Hugo"), await world.JoinAsync("Ines"), await world.JoinAsync("Jo"));
            (doubtful.EventAge, late.EventAge) = (Old, Old);
            world.Gateway.IsDoubtful = connection => connection == doubtful.Connection;

            var replies = await Task.WhenAll(doubtful.RenameAsync(1, "doubtful"), late.RenameAsync(2, "late"), fresh.RenameAsync(3, "fresh"));

            Assert.IsType<EventReply.Unavailable>(replies[0]);
            Assert.IsType<EventReply.Done>(replies[1]);
            Assert.IsType<EventReply.Done>(replies[2]);
            Assert.Equal([1, 2], fresh.Numbers);
            Assert.Equal(1, world.Observer.Loads);
        });

    [Fact]
    public void The_change_is_accepted_when_it_is_delivered_again_and_the_service_answers() =>
        Run(async world =>
        {
            var client = await world.JoinAsync("Hugo");
            client.EventAge = Old;
            world.Gateway.IsDoubtful = static _ => true;
            const string frame = """{"command":"project_change","data":{"project":1,"revisions":[{"revision":"local-1","changes":{"tasks":{"updated":[{"id":1,"name":"x"}]}}}]}}""";
            Assert.IsType<EventReply.Unavailable>(await client.DeliverAsync(100, frame));

            world.Gateway.IsDoubtful = null;

            Assert.IsType<EventReply.Done>(await client.DeliverAsync(100, frame));
            Assert.Equal([1], client.Numbers);
            Assert.Equal(1, world.Observer.Loads);
        });

    [Fact]
    public void A_service_that_answers_nobody_is_not_asked_about_everybody()
    {
        const int Crowd = 100;
        const int Together = 8;
        var options = new SequencerOptions { StateBytesMax = 1 << 30, LooksInParallel = Together };
        VirtualTime.Run(time =>
            new World(time, options: options).RunAsync(async world =>
            {
                var ahead = await world.JoinAsync("Hugo");
                var crowd = new List<TestClient>();
                for (var index = 0; index < Crowd; index++)
                {
                    crowd.Add(await world.JoinAsync($"u{index}"));
                    crowd[^1].EventAge = TimeSpan.FromMilliseconds(800);
                }

                // All of them wait behind one change, in one batch, and are old enough to be asked about by then, yet no redeliveries.
                world.Store.Latency = TimeSpan.FromMilliseconds(600);
                var first = ahead.RenameAsync(1, "ahead");
                await time.PassAsync(TimeSpan.FromMilliseconds(1));
                world.Gateway.IsDoubtful = static _ => true;
                var before = world.Gateway.Questions;
                var replies = await Task.WhenAll(crowd.Select(client => client.RenameAsync(1, client.Connection.Value)));
                await first;

                Assert.All(replies, static reply => Assert.IsType<EventReply.Unavailable>(reply));
                Assert.InRange(world.Gateway.Questions - before, 1, 2 * Together);
            })
        );
    }

    [Fact]
    public void When_the_service_does_not_say_whether_a_join_was_begun_the_others_come_in() =>
        Run(async world =>
        {
            var (doubtful, other) = (world.Open("Hugo"), world.Open("Ines"));
            await doubtful.LoginAsync();
            await other.LoginAsync();
            doubtful.EventAge = Old;
            world.Gateway.IsDoubtful = connection => connection == doubtful.Connection;

            var replies = await Task.WhenAll(doubtful.LoadAsync(), other.LoadAsync());

            Assert.IsType<EventReply.Unavailable>(replies[0]);
            Assert.IsType<EventReply.Done>(replies[1]);
            Assert.Contains("dataset", other.Commands);
            Assert.Equal(1, world.Observer.Loads);
        });

    [Fact]
    public void When_the_store_refuses_to_look_a_version_up_changes_are_accepted_and_nothing_is_loaded_again() =>
        Run(async world =>
        {
            var client = await world.JoinAsync("Hugo");
            var refused = 0;
            world.Store.BeforeQuery = range =>
                range.To.StartsWith("head", StringComparison.Ordinal) && refused++ == 0
                    ? throw new StorageException("busy", outcomeUnknown: false)
                    : Task.CompletedTask;

            var lookUp = client.SendAsync("""{"command":"load_version_content","data":{"project":1,"versionId":"unknown"}}""");

            Assert.IsType<EventReply.Unavailable>(await lookUp);
            Assert.IsType<EventReply.Done>(await client.RenameAsync(1, "x"));
            Assert.Equal([1], client.Numbers);
            Assert.Equal(1, world.Observer.Loads);
        });

    [Fact]
    public void When_the_base_cannot_be_read_only_the_reset_is_refused() =>
        Run(async world =>
        {
            var (one, other) = (await world.JoinAsync("Hugo"), await world.JoinAsync("Ines"));
            world.Store.BeforeQuery = static range =>
                range.From.StartsWith("b-", StringComparison.Ordinal)
                    ? throw new StorageException("busy", outcomeUnknown: false)
                    : Task.CompletedTask;

            var replies = await Task.WhenAll(one.ResetAsync(), other.RenameAsync(1, "x"));

            Assert.IsType<EventReply.Unavailable>(replies[0]);
            Assert.IsType<EventReply.Done>(replies[1]);
            Assert.Equal([1], other.Numbers);
            Assert.Equal(1, world.Observer.Loads);
        });

    [Fact]
    public void A_store_that_refuses_once_while_changes_are_published_costs_nobody_an_answer() =>
        Run(async world =>
        {
            var (one, other) = (await world.JoinAsync("Hugo"), await world.JoinAsync("Ines"));
            await one.RenameAsync(1, "warm");
            var refused = 0;
            world.Store.BeforeSubmit = actions =>
                Task.FromResult<StoreFault?>(
                    actions is [TableAction.Replace { RowKey: "head" }] && refused++ == 0 ? StoreFault.Refused : null
                );

            var replies = await Task.WhenAll(one.RenameAsync(1, "x"), other.RenameAsync(3, "y"));

            Assert.All(replies, static reply => Assert.IsType<EventReply.Done>(reply));
            await world.Time.PassAsync(TimeSpan.FromSeconds(5));
            Assert.True(refused > 1);
            Assert.Equal([1, 2, 3], one.Numbers);
            Assert.Equal(1, world.Observer.Loads);
        });

    [Fact]
    public void After_a_write_of_unknown_outcome_and_a_read_that_failed_numbers_go_on_without_a_hole() =>
        Run(async world =>
        {
            var client = await world.JoinAsync("Hugo");
            var (lost, refused) = (0, 0);
            world.Store.BeforeSubmit = actions =>
                Task.FromResult<StoreFault?>(
                    actions.Any(static action => action.RowKey.StartsWith("c-", StringComparison.Ordinal)) && lost++ == 0
                        ? StoreFault.LostAnswer
                        : null
                );
            world.Store.BeforeQuery = range =>
                lost == 1 && range.To.StartsWith("head", StringComparison.Ordinal) && refused++ == 0
                    ? throw new StorageException("busy", outcomeUnknown: false)
                    : Task.CompletedTask;

            Assert.IsType<EventReply.Unavailable>(await client.RenameAsync(1, "stored all the same"));
            Assert.IsType<EventReply.Done>(await client.RenameAsync(1, "next"));

            Assert.Equal([1, 2], client.Numbers);
            Assert.Equal(1, world.Observer.Loads);
        });

    [Fact]
    public void A_project_whose_log_begins_later_now_is_loaded_anew() =>
        Run(async world =>
        {
            var client = await world.JoinAsync("Hugo");
            await client.RenameAsync(1, "x");
            world.Store.BeforeQuery = range =>
                range.To.StartsWith("head", StringComparison.Ordinal)
                    ? throw new Core.Log.LogMovedException("begins later", innerException: null)
                    : Task.CompletedTask;
            Assert.IsType<EventReply.Unavailable>(
                await client.SendAsync("""{"command":"load_version_content","data":{"project":1,"versionId":"unknown"}}""")
            );
            world.Store.BeforeQuery = static _ => Task.CompletedTask;

            Assert.IsType<EventReply.Done>(await client.RenameAsync(1, "y"));
            Assert.Equal(2, world.Observer.Loads);
        });

    private static void Run(Func<World, Task> scenario) => VirtualTime.Run(time => World.RunAsync(time, scenario));
}
