using System.Text;
using System.Text.Json;
using ServerlessSync.Core.Limits;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Tests.Engine;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Limits;

public sealed class Exceeding_message_rates
{
    private const string Version = """{"command":"version","data":{}}""";

    private static readonly RateLimitOptions Tight = new()
    {
        Connection = new MessageRates
        {
            Messages = new BucketRule(5, 2),
            Bytes = new BucketRule(10_000, 1_000),
            Loads = new BucketRule(4, 0.25),
            Resets = new BucketRule(1, 0.1),
        },
    };

    [Fact]
    public void A_client_beyond_a_rate_is_told_when_to_retry() =>
        Run(
            Tight,
            async world =>
            {
                var client = world.Open("Hugo");
                for (var message = 0; message < 5; message++)
                {
                    Assert.Null(ErrorOf(await client.SendAsync(Version)));
                }

                Assert.Equal("Too many messages; try again in 1 s", ErrorOf(await client.SendAsync(Version)));
                await world.Time.PassAsync(TimeSpan.FromSeconds(1));

                Assert.Null(ErrorOf(await client.SendAsync(Version)));
                Assert.Equal([(LimitKind.Messages, LimitAction.Refused)], world.Limits.Reached);
            }
        );

    [Fact]
    public void A_refusal_takes_as_long_as_the_wait_so_that_asking_again_makes_nothing_faster() =>
        Run(
            Tight,
            async world =>
            {
                var client = world.Open("Hugo");
                var start = world.Time.Elapsed;
                for (var message = 0; message < 25; message++)
                {
                    await client.SendAsync(Version);
                }

                // 5 at once; of the other 20, every second one is refused half a second before the next token.
                Assert.InRange(world.Time.Elapsed - start, TimeSpan.FromSeconds(4.9), TimeSpan.FromSeconds(5.1));
                Assert.Equal(10, world.Limits.Reached.Count);
            }
        );

    [Fact]
    public void A_change_is_held_back_and_accepted_without_an_error() =>
        Run(
            Tight,
            async world =>
            {
                var client = await world.JoinAsync("Hugo");
                var start = world.Time.Elapsed;
                for (var change = 1; change <= 10; change++)
                {
                    Assert.IsType<EventReply.Done>(await client.RenameAsync(1, $"name {change}"));
                }

                Assert.Equal(Enumerable.Range(1, 10).Select(static number => (long)number), client.Numbers);
                Assert.InRange(world.Time.Elapsed - start, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(4.5));
                Assert.True(client.IsOpen);
                Assert.Equal([(LimitKind.Messages, LimitAction.Delayed)], world.Limits.Reached.Distinct());
            }
        );

    [Fact]
    public void A_change_that_would_be_held_back_for_more_than_two_seconds_closes_its_socket_which_is_told_why() =>
        Run(
            Tight,
            async world =>
            {
                var client = await world.JoinAsync("Hugo");
                Assert.IsType<EventReply.Done>(await client.RenameAsync(1, new string('x', 9_000)));

                await client.RenameAsync(1, new string('y', 4_000));

                Assert.False(client.IsOpen);
                var last = client.Frames[^1];
                Assert.Equal("project_change", last.GetProperty("command").GetString());
                Assert.StartsWith("Too many bytes in messages; try again in ", last.GetProperty("error").GetString(), StringComparison.Ordinal);
                Assert.Equal([1], client.Numbers);
                Assert.Equal((LimitKind.Bytes, LimitAction.Closed), world.Limits.Reached[^1]);
            }
        );

    [Fact]
    public void Loads_and_resets_have_buckets_of_their_own() =>
        Run(
            Tight with
            {
                Connection = Tight.Connection with { Messages = new BucketRule(100, 10) },
            },
            async world =>
            {
                var client = await world.JoinAsync("Hugo");
                await client.SendAsync("""{"command":"projects","data":{}}""");
                Assert.Equal("Authorization required", ErrorOf(await client.SendAsync("""{"command":"dataset","data":{"project":"none"}}""")));
                Assert.Equal("Too many loads; try again in 4 s", ErrorOf(await client.LoadAsync()));
                Assert.NotNull(ErrorOf(await client.SendAsync("""{"command":"load_version_content","data":{"project":1,"versionId":1}}""")));
                await client.ResetAsync();
                Assert.Equal("Too many resets", ErrorOf(await client.ResetAsync())?.Split(';')[0]);
                Assert.Null(ErrorOf(await client.SendAsync(Version)));
            }
        );

    [Fact]
    public void A_connection_has_one_share_on_all_instances() =>
        Run(
            Tight,
            async world =>
            {
                var client = world.Open("Hugo");
                for (var message = 0; message < 5; message++)
                {
                    client.Instance = message % 2;
                    Assert.Null(ErrorOf(await client.SendAsync(Version)));
                }

                client.Instance = 1;
                Assert.NotNull(ErrorOf(await client.SendAsync(Version)));
            },
            instances: 2
        );

    [Fact]
    public void All_connections_of_a_user_share_the_user_s_buckets_and_others_do_not() =>
        Run(
            new RateLimitOptions
            {
                User = new MessageRates
                {
                    Messages = new BucketRule(20, 1),
                    Bytes = new BucketRule(1_000_000, 100_000),
                    Loads = new BucketRule(100, 1),
                    Resets = new BucketRule(1, 1),
                },
            },
            async world =>
            {
                var clients = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => world.JoinAsync("Hugo")));
                var ines = await world.JoinAsync("Ines");
                foreach (var client in clients.Concat(clients).Concat(clients).Concat(clients))
                {
                    await client.SendAsync(Version);
                }

                Assert.Equal("Too many messages; try again in 1 s", ErrorOf(await clients[1].SendAsync(Version)));
                Assert.Null(ErrorOf(await ines.SendAsync(Version)));
            }
        );

    /// <summary>Ten minutes of the busiest realistic work: a page that sends every 100 ms and loads now and then.</summary>
    [Fact]
    public void A_page_at_work_never_meets_a_limit() =>
        Run(
            new RateLimitOptions(),
            async world =>
            {
                var client = await world.JoinAsync("Hugo");
                for (var second = 0; second < 600; second++)
                {
                    for (var tenth = 0; tenth < 10; tenth++)
                    {
                        await client.RenameAsync(1, $"{second}.{tenth}");
                        await world.Time.PassAsync(TimeSpan.FromMilliseconds(100));
                    }

                    if (second % 30 == 0)
                    {
                        await client.LoadAsync();
                        // Edits during a load are refused for another reason (EditWindow.Margin).
                        await world.Time.PassAsync(TimeSpan.FromSeconds(1));
                    }
                }

                Assert.Empty(world.Limits.Reached);
                Assert.Equal(6_000, client.Numbers.Count);
            }
        );

    [Fact]
    public void A_logout_is_served_even_beyond_the_rate() =>
        Run(
            Tight,
            async world =>
            {
                var client = await world.JoinAsync("Hugo");
                for (var message = 0; message < 6; message++)
                {
                    await client.SendAsync(Version);
                }

                await client.SendAsync("""{"command":"logout","data":{}}""");

                Assert.False(client.IsOpen);
            }
        );

    [Fact]
    public void Users_who_are_quiet_are_forgotten()
    {
        var time = new VirtualTime();
        time.RunToEnd(async () =>
        {
            var buckets = new KeyedBuckets(new BucketSet(new BucketRule(10, 1)), time);
            for (var user = 0; user < KeyedBuckets.KeysMax; user++)
            {
                buckets.TryTake($"user {user}", [1], TimeSpan.Zero);
            }

            // One user more than are remembered is admitted; the connection has its own buckets.
            Assert.Equal(TimeSpan.Zero, buckets.TryTake("newcomer", [11], TimeSpan.Zero).Time);
            Assert.Equal(KeyedBuckets.KeysMax, buckets.Count);
            await time.PassAsync(TimeSpan.FromSeconds(2));
            buckets.TryTake("newcomer", [10], TimeSpan.Zero);

            Assert.Equal(1, buckets.Count);
            Assert.Equal(TimeSpan.FromSeconds(1), buckets.WaitFor("newcomer", [1]).Time);
        });
    }

    private static string? ErrorOf(EventReply reply) =>
        reply is EventReply.Text text
        && JsonDocument.Parse(Encoding.UTF8.GetString(text.Frame.Span)).RootElement.TryGetProperty("error", out var error)
            ? error.GetString()
            : null;

    private static void Run(RateLimitOptions limits, Func<World, Task> scenario, int instances = 1) =>
        VirtualTime.Run(time => new World(time, instances, rates: limits).RunAsync(scenario));
}
