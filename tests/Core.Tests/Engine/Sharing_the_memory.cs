using System.Text;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Tests.History;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Engine;

/// <summary>All that projects take of a process's memory is counted from the first byte on, and stays below one limit.</summary>
public sealed class Sharing_the_memory
{
    /// <summary>Records of a project of about 400 KB.</summary>
    private const int Records = 1_000;

    private static readonly ProjectId Second = new(JsonId.Of(2));

    [Fact]
    public void A_project_counts_before_its_first_turn_has_ended() =>
        Run(
            1 << 30,
            async world =>
            {
                var budget = world.RegistryOf(0).Loading.Budget;
                var client = world.Open("Hugo");
                await client.LoginAsync();
                var seen = new List<long>();
                world.Gateway.OnSend = (_, _) =>
                {
                    seen.Add(budget.Used);
                    return null;
                };

                await client.LoadAsync();

                Assert.All(seen, used => Assert.InRange(used, LargeBytes, long.MaxValue));
            }
        );

    [Fact]
    public void An_idle_project_goes_for_one_that_is_opened() =>
        Run(
            8 * LargeBytes,
            async world =>
            {
                var clients = new List<TestClient>();
                for (var id = 1; id <= 12; id++)
                {
                    clients.Add(await OpenAsync(world, id));
                }

                var budget = world.RegistryOf(0).Loading.Budget;
                Assert.All(clients, static client => Assert.Contains("dataset", client.Commands));
                Assert.Equal(12, world.Observer.Loads);
                Assert.InRange(budget.Peak, 2 * LargeBytes, budget.Limit);
            },
            projects: 12
        );

    [Fact]
    public void A_project_that_does_not_fit_is_refused_until_there_is_room_and_the_open_ones_go_on() =>
        Run(
            6 * LargeBytes,
            async world =>
            {
                var one = await OpenAsync(world, 1);
                var budget = world.RegistryOf(0).Loading.Budget;
                var other = budget.Open();
                Assert.True(await other.TryReserveAsync(budget.Limit - budget.Used));

                // Its own engine has something to do all the time, so that it cannot go.
                world.Gateway.OnSend = static (_, _) => null;
                world.Gateway.Latency = TimeSpan.FromSeconds(1);
                var busy = Task.WhenAll(Enumerable.Range(0, 30).Select(index => world.Open($"c{index}").LoginAsync()));
                var change = one.RenameAsync(1, "goes on");
                var refused = await TryOpenAsync(world, 2);

                Assert.IsType<EventReply.Unavailable>(refused);
                Assert.IsType<EventReply.Done>(await change);
                await busy;
                other.Dispose();
                Assert.IsType<EventReply.Done>(await TryOpenAsync(world, 2));
                Assert.InRange(budget.Peak, 1, budget.Limit + 1024);
            },
            projects: 2
        );

    [Fact]
    public void Projects_are_read_one_at_a_time_whichever_door_they_come_in_by() =>
        Run(
            1 << 30,
            async world =>
            {
                var (reading, most) = (0, 0);
                world.Store.BeforeQuery = async range =>
                {
                    if (range.From.StartsWith("b-", StringComparison.Ordinal))
                    {
                        most = Math.Max(most, ++reading);
                        await world.Time.PassAsync(TimeSpan.FromMilliseconds(500));
                        reading--;
                    }
                };

                await Task.WhenAll(
                    Enumerable.Range(1, 6).Select(id => (Task)OpenAsync(world, id))
                        .Append(world.AdministrationOf(0).ExportAsync("Hugo", World.Project, CancellationToken.None))
                        .Append(world.AdministrationOf(0).ExportAsync("Hugo", Second, CancellationToken.None))
                );

                Assert.Equal(1, most);
                Assert.Equal(8, world.Observer.Loads);
            },
            projects: 6
        );

    [Fact]
    public void People_who_open_a_project_do_not_wait_for_files() =>
        VirtualTime.Run(async time =>
        {
            var gate = new LoadingGate(new MemoryBudget(1 << 20, time), time);
            var order = new List<string>();
            var first = await gate.EnterAsync(LoadingKind.Bulk, CancellationToken.None);
            var waiting = new[] { ("file", LoadingKind.Bulk), ("person", LoadingKind.Live), ("another", LoadingKind.Live) }
                .Select(async one =>
                {
                    using var permit = await gate.EnterAsync(one.Item2, CancellationToken.None);
                    order.Add(one.Item1);
                })
                .ToList();

            first!.Dispose();
            await Task.WhenAll(waiting);

            Assert.Equal(["person", "another", "file"], order);
        });

    [Fact]
    public void Who_waits_too_long_is_refused_and_holds_nobody_up() =>
        VirtualTime.Run(async time =>
        {
            var gate = new LoadingGate(new MemoryBudget(1 << 20, time), time);
            var first = await gate.EnterAsync(LoadingKind.Live, CancellationToken.None);
            using var leaving = new CancellationTokenSource();
            var cancelled = gate.EnterAsync(LoadingKind.Live, leaving.Token);
            var late = gate.EnterAsync(LoadingKind.Live, CancellationToken.None);
#pragma warning disable CA1849, VSTHRD103 // Elsewhere it would be cancelled on another thread, of which virtual time knows nothing.
            leaving.Cancel();
#pragma warning restore CA1849, VSTHRD103

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
            Assert.Null(await late);
            first!.Dispose();
            Assert.NotNull(await gate.EnterAsync(LoadingKind.Bulk, CancellationToken.None));
        });

    [Fact]
    public void The_dataset_of_a_reset_and_what_is_remembered_of_events_count() =>
        Run(
            1 << 30,
            async world =>
            {
                var budget = world.RegistryOf(0).Loading.Budget;
                var client = await OpenAsync(world, 1);
                await world.Time.PassAsync(TimeSpan.FromSeconds(1));
                var loaded = budget.Used;
                await client.ResetAsync();
                await world.Time.PassAsync(TimeSpan.FromSeconds(1));
                var withBase = budget.Used;
                for (var change = 0; change < 100; change++)
                {
                    await (await world.JoinAsync($"u{change}")).RenameAsync(1, "x");
                }

                await world.Time.PassAsync(TimeSpan.FromSeconds(1));

                Assert.InRange(withBase - loaded, LargeBytes, 2 * LargeBytes);
                Assert.InRange(budget.Used - withBase, 100 * 100, 100 * 1_000);
            }
        );

    /// <summary>What a restore goes back to is let go when the next one is folded, and its bytes with it.</summary>
    [Fact]
    public void A_log_of_many_restores_is_loaded_within_the_room_for_one() =>
        Run(
            14 * LargeBytes,
            async world =>
            {
                await world.GrantAsync(0, Past.Owner, Role.Owner);
                for (var revision = 0; revision < 24; revision++)
                {
                    await Past.RestoreAsync(world, revision);
                }

                await world.RestartAsync(0);
                await OpenAsync(world, 1);

                var budget = world.RegistryOf(0).Loading.Budget;
                Assert.InRange(budget.Peak, 3 * LargeBytes, budget.Limit);
            },
            options: new SequencerOptions { SnapshotEntries = 1_000 }
        );

    [Fact]
    public void A_snapshot_counts_while_it_is_written_and_waits_for_room()
    {
        var options = new SequencerOptions { StateBytesMax = 1 << 30, SnapshotEntries = 1 };
        Run(
            1 << 30,
            async world =>
            {
                var budget = world.RegistryOf(0).Loading.Budget;
                var client = await OpenAsync(world, 1);
                var rest = budget.Open();
                rest.Set(budget.Limit - budget.Used - LargeBytes);
                await client.RenameAsync(1, "no room");
                await world.Time.PassAsync(TimeSpan.FromSeconds(2));
                Assert.Empty(world.Observer.Snapshots);

                rest.Dispose();
                var before = budget.Peak - (budget.Limit - LargeBytes);
                var writing = 0L;
                world.Store.BeforeSubmit = actions =>
                {
                    writing = actions.Any(static action => action.RowKey.StartsWith("s-", StringComparison.Ordinal)) ? budget.Used : writing;
                    return Task.FromResult<StoreFault?>(null);
                };
                await client.RenameAsync(1, "room");
                await world.Time.PassAsync(TimeSpan.FromSeconds(2));

                Assert.NotEmpty(world.Observer.Snapshots);
                Assert.InRange(writing - budget.Used, LargeBytes, long.MaxValue);
            },
            options: options
        );
    }

    [Fact]
    public void Everything_is_given_back()
    {
        MemoryBudget? budget = null;
        Run(
            1 << 30,
            async world =>
            {
                budget = world.RegistryOf(0).Loading.Budget;
                await (await OpenAsync(world, 1)).RenameAsync(1, "x");
                var exported = Assert.IsType<AdministrationResult.Exported>(await world.AdministrationOf(0).ExportAsync("Hugo", World.Project, CancellationToken.None));
                Assert.InRange(budget.Used, exported.Dataset.Length, long.MaxValue);
                exported.Held.Dispose();
                await world.AdministrationOf(0).CreateAsync("Hugo", JsonId.Of(9), "Nine", Large(), CancellationToken.None);
                await world.AdministrationOf(0).CreateAsync("Hugo", JsonId.Of(10), "Ten", "no dataset"u8.ToArray(), CancellationToken.None);
            }
        );

        Assert.Equal(0, budget!.Used);
        Assert.InRange(budget.Peak, 12 * LargeBytes, 1 << 30);
    }

    /// <summary>Eviction looks at a few engines, however many there are: the cost of one more is that of a point read and a load.</summary>
    [Fact]
    public void To_open_one_more_project_costs_the_same_with_many_open() =>
        Run(
            200 * 1024,
            async world =>
            {
                for (var id = 1; id <= 60; id++)
                {
                    await OpenAsync(world, id);
                }

                var (reads, queries, writes) = (world.Store.PointReads, world.Store.Queries, world.Store.Transactions);
                await OpenAsync(world, 61);

                Assert.InRange(world.Store.PointReads - reads, 1, 6);
                Assert.InRange(world.Store.Queries - queries, 1, 3);
                Assert.InRange(world.Store.Transactions - writes, 1, 4);
                Assert.InRange(world.RegistryOf(0).Loading.Budget.Peak, 1, 200 * 1024);
            },
            projects: 61,
            dataset: "{}"
        );

    private static int LargeBytes => Large().Length;

    private static byte[] Large()
    {
        var tasks = Enumerable.Range(1, Records).Select(static id => $$"""{"id":{{id}},"name":"{{new string('x', 360)}}"}""");
        return Encoding.UTF8.GetBytes($$"""{"tasksData":[{{string.Join(',', tasks)}}]}""");
    }

    private static async Task<TestClient> OpenAsync(World world, int id)
    {
        var client = world.Open($"person {id}");
        await client.LoginAsync();
        Assert.IsType<EventReply.Done>(await client.SendAsync(Load(id)));
        return client;
    }

    private static async Task<EventReply> TryOpenAsync(World world, int id)
    {
        var client = world.Open($"person {id}");
        await client.LoginAsync();
        return await client.SendAsync(Load(id));
    }

    private static string Load(int id) => $$$"""{"command":"dataset","data":{"project":{{{id}}}}}""";

    private static void Run(
        long bytes,
        Func<World, Task> scenario,
        int projects = 1,
        SequencerOptions? options = null,
        string? dataset = null
    ) =>
        VirtualTime.Run(time =>
            new World(time, options: (options ?? new SequencerOptions()) with { StateBytesMax = bytes }).RunAsync(
                async world =>
                {
                    for (var id = 2; id <= projects; id++)
                    {
                        await world.Catalog.CreateAsync(
                            new ProjectId(JsonId.Of(id)),
                            $"Project {id}",
                            dataset is null ? Large() : Encoding.UTF8.GetBytes(dataset),
                            AccessList.OpenToEdit,
                            CancellationToken.None
                        );
                    }

                    await scenario(world);
                },
                dataset ?? Encoding.UTF8.GetString(Large())
            )
        );
}
