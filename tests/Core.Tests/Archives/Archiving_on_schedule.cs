using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;
using ServerlessSync.Core.Tests.Engine;
using ServerlessSync.Support.Archives;

namespace ServerlessSync.Core.Tests.Archives;

public sealed class Archiving_on_schedule
{
    private static readonly ArchiveScheduleOptions Schedule = new()
    {
        Interval = TimeSpan.FromMinutes(1),
        KeepFor = TimeSpan.FromMinutes(5),
        KeepCount = 2,
    };

    [Fact]
    public void An_archive_in_the_container_is_restored_like_one_that_was_fetched() =>
        Play(async (world, archives) =>
        {
            var one = await world.JoinAsync("Hugo");
            await one.ChangeAsync("""{"tasks":{"added":[{"$PhantomId":"_generatedT","name":"New","parentId":1}]}}""");
            var before = await Archiving.StoredAsync(world.Store, World.Project);

            await archives.RunAsync();

            var name = Assert.Single(archives.Container.Names);
            var parts = ArchiveFile.Split(archives.Container.Read(name));
            var request = new RestoreRequest(Name: null, WithAccess: false, Replace: false, archives.Container.LabelOf(name).Digest);
            await Archiving.RestoredAsync(world, [.. parts], Archiving.Id(2), request);
            Assert.Equal(before, await Archiving.StoredAsync(world.Store, Archiving.Id(2)));
        });

    [Fact]
    public void Calls_that_have_little_time_go_on_where_the_one_before_stopped() =>
        Play(async (world, archives) =>
        {
            var one = await world.JoinAsync("Hugo");
            for (var version = 0; version < 5; version++)
            {
                await one.ChangeAsync($$$"""{"versions":{"added":[{"$PhantomId":"_generated{{{version}}}","content":{"n":{{{version}}} }}]}}""");
            }

            var hasty = Schedule with { WorkTime = TimeSpan.FromMilliseconds(10) };
            var calls = 0;
            while (archives.Observer.Rounds.Count == 0)
            {
                // Nothing of it shows before it is whole.
                Assert.All(
                    archives.Container.Names,
                    name => Assert.Equal(archives.Container.LabelOf(name).Parts, ArchiveFile.Split(archives.Container.Read(name)).Count)
                );
                await archives.RunAsync(instance: calls++ % 2, hasty);
            }

            Assert.InRange(calls, 4, 30);
            var parts = ArchiveFile.Split(archives.Container.Read(Assert.Single(archives.Container.Names)));
            Assert.InRange(parts.Count, 2, 6);
            Assert.Equal(1, archives.Observer.Rounds[0].Archived);
            var before = await Archiving.StoredAsync(world.Store, World.Project);
            await Archiving.RestoredAsync(world, [.. parts], Archiving.Id(2));
            Assert.Equal(before, await Archiving.StoredAsync(world.Store, Archiving.Id(2)));
        });

    [Fact]
    public void What_has_not_changed_is_passed_over() =>
        Play(async (world, archives) =>
        {
            await archives.RunAsync();
            await archives.RunNextAsync();
            Assert.Single(archives.Container.Names);

            await (await world.JoinAsync("Hugo")).RenameAsync(3, "changed");
            await archives.RunNextAsync();
            Assert.Equal(2, archives.Container.Names.Count);

            await world.GrantAsync(0, "Ines", Role.Viewer);
            await archives.RunNextAsync();
            Assert.Equal(3, archives.Container.Names.Count);
            Assert.Equal([(1, 0), (0, 1), (1, 0), (1, 0)], archives.Observer.Rounds.Select(static round => (round.Archived, round.Unchanged)));
        });

    [Fact]
    public void Nothing_is_done_before_the_next_round_is_due() =>
        Play(async (world, archives) =>
        {
            await archives.RunAsync();
            await (await world.JoinAsync("Hugo")).RenameAsync(3, "changed");

            await archives.RunAsync();

            Assert.Single(archives.Container.Names);
        });

    [Fact]
    public void Instances_that_come_at_the_same_time_do_the_work_once() =>
        Play(async (_, archives) =>
        {
            await Task.WhenAll(archives.RunAsync(instance: 0), archives.RunAsync(instance: 1), archives.RunAsync(instance: 1));

            Assert.Single(archives.Observer.Archived);
            Assert.Single(archives.Container.Names);
        });

    [Fact]
    public void The_work_of_an_instance_that_died_is_taken_over_when_it_counts_as_dead() =>
        Play(async (world, archives) =>
        {
            await archives.DieAsync(instance: 0);

            await archives.RunAsync(instance: 1);
            Assert.Empty(archives.Container.Names);
            await world.Time.PassAsync(TimeSpan.FromMinutes(2));
            await archives.RunAsync(instance: 1);

            Assert.Single(archives.Container.Names);
        });

    [Fact]
    public void A_project_that_takes_the_process_with_it_holds_up_the_others_for_some_calls_only() =>
        Play(async (world, archives) =>
        {
            await Archiving.RestoredAsync(world, await Archiving.ArchiveAsync(world), Archiving.Id(2));
            for (var call = 0; call < Schedule.AttemptsMax; call++)
            {
                await archives.DieAsync(instance: 0, beforeProgress: true);
                await world.Time.PassAsync(TimeSpan.FromMinutes(2));
            }

            await archives.RunAsync(schedule: Schedule with { Interval = TimeSpan.FromDays(1) });

            Assert.Equal((World.Project, "5 calls brought it no further."), Assert.Single(archives.Observer.Failed));
            Assert.StartsWith("n2/", Assert.Single(archives.Container.Names), StringComparison.Ordinal);
        });

    [Fact]
    public void A_project_that_cannot_be_read_does_not_keep_others_from_being_archived() =>
        Play(async (world, archives) =>
        {
            await Archiving.RestoredAsync(world, await Archiving.ArchiveAsync(world), Archiving.Id(2));
            var head = await Archiving.HeadAsync(world, World.Project);
            var removed = await world.Store.SubmitAsync(
                TableName.Data,
                World.Project.Key,
                [new TableAction.Delete(head.BaseKey, IfMatch: null)],
                CancellationToken.None
            );
            Assert.IsType<TransactionResult.Committed>(removed);

            await archives.RunAsync();

            Assert.Equal(World.Project, Assert.Single(archives.Observer.Failed).Project);
            Assert.StartsWith("n2/", Assert.Single(archives.Container.Names), StringComparison.Ordinal);
            Assert.Equal(1, archives.Observer.Rounds[0].Failed);
        });

    [Fact]
    public void A_container_that_cannot_be_reached_costs_time_and_no_archive() =>
        Play(async (_, archives) =>
        {
            archives.Container.BeforeRequest = static () => throw new StorageException("down", outcomeUnknown: true);
            for (var call = 0; call < 2 * Schedule.AttemptsMax; call++)
            {
                await Assert.ThrowsAsync<StorageException>(() => archives.RunAsync());
            }

            archives.Container.BeforeRequest = static () => Task.CompletedTask;
            await archives.RunAsync(instance: 1);

            Assert.Single(archives.Container.Names);
            Assert.Empty(archives.Observer.Failed);
        });

    [Fact]
    public void An_archive_of_which_the_container_forgot_parts_is_told_and_made_again() =>
        Play(async (_, archives) =>
        {
            var requests = 0;
            archives.Container.BeforeRequest = () =>
            {
                if (++requests == 2)
                {
                    archives.Container.ForgetStaged();
                }

                return Task.CompletedTask;
            };
            await archives.RunAsync();
            Assert.Empty(archives.Container.Names);
            Assert.Single(archives.Observer.Failed);

            await archives.RunNextAsync();

            Assert.Single(archives.Container.Names);
        });

    [Fact]
    public void Old_archives_go_and_the_newest_stay_whatever_their_age() =>
        Play(async (world, archives) =>
        {
            var one = await world.JoinAsync("Hugo");
            for (var round = 0; round < 4; round++)
            {
                await one.RenameAsync(3, $"round {round}");
                await archives.RunNextAsync();
            }

            var made = archives.Container.Names;
            Assert.Equal(4, made.Count);
            await world.Time.PassAsync(TimeSpan.FromMinutes(10));

            await archives.RunAsync();

            Assert.Equal(made.Skip(2), archives.Container.Names);
        });

    [Fact]
    public void What_is_no_archive_of_ours_stays() =>
        Play(async (world, archives) =>
        {
            await archives.Container.CommitAsync("n1/kept by hand", new ArchiveLabel(0, 1, "00"), CancellationToken.None);
            await archives.RunAsync();
            await world.AdministrationOf(0).DeleteAsync(Archiving.Owner, World.Project, CancellationToken.None);
            await archives.RunNextAsync();
            await world.Time.PassAsync(TimeSpan.FromMinutes(10));

            await archives.RunAsync();

            Assert.Equal("n1/kept by hand", Assert.Single(archives.Container.Names));
        });

    [Fact]
    public void Archives_of_a_deleted_project_stay_for_as_long_as_others_and_go_then() =>
        Play(async (world, archives) =>
        {
            await archives.RunAsync();
            await world.Time.PassAsync(TimeSpan.FromMinutes(10));
            await world.AdministrationOf(0).DeleteAsync(Archiving.Owner, World.Project, CancellationToken.None);

            await archives.RunAsync();
            Assert.Single(archives.Container.Names);
            await world.Time.PassAsync(Schedule.KeepFor + TimeSpan.FromMinutes(1));
            await archives.RunAsync();

            Assert.Empty(archives.Container.Names);
        });

    [Fact]
    public void A_project_that_is_deleted_meanwhile_is_no_failure() =>
        Play(async (world, archives) =>
        {
            archives.Container.BeforeRequest = static () => throw new StorageException("down", outcomeUnknown: true);
            await Assert.ThrowsAsync<StorageException>(() => archives.RunAsync());
            archives.Container.BeforeRequest = static () => Task.CompletedTask;
            await world.AdministrationOf(0).DeleteAsync(Archiving.Owner, World.Project, CancellationToken.None);
            await world.ArchivesOf(0, Archiving.Options).ExpireAsync(CancellationToken.None);

            await archives.RunAsync();

            Assert.Empty(archives.Container.Names);
            Assert.Empty(archives.Observer.Failed);
            Assert.Single(archives.Observer.Rounds);
        });

    [Fact]
    public void Nothing_is_left_among_the_tables() =>
        Play(async (world, archives) =>
        {
            await archives.RunAsync();

            Assert.Empty(await new ArchiveDirectory(world.Store, world.Time).ListAsync(CancellationToken.None));
        });

    [Theory]
    [InlineData("1", "\"1\"")]
    [InlineData("1", "11")]
    [InlineData("\"a\"", "\"a/b\"")]
    [InlineData("\"a\"", "\"a\\/\"")]
    public void No_name_of_one_project_begins_as_those_of_another(string one, string other)
    {
        var name = ArchiveName.Of(Parse(other), DateTimeOffset.UnixEpoch, "random");

        Assert.False(name.StartsWith(ArchiveName.PrefixOf(Parse(one)), StringComparison.Ordinal));
        Assert.Equal(DateTimeOffset.UnixEpoch, ArchiveName.TimeOf(name));
    }

    private static ProjectId Parse(string json)
    {
        using var document = System.Text.Json.JsonDocument.Parse(json);
        Assert.True(JsonId.TryRead(document.RootElement, out var id));
        return new ProjectId(id);
    }

    private static void Play(Func<World, Timers, Task> scenario) =>
        Archiving.Play(world => scenario(world, new Timers(world)));

    /// <summary>The timers of a world's instances, with one container.</summary>
    private sealed class Timers(World world)
    {
        public MemoryArchiveContainer Container { get; } = new();

        public RecordedArchives Observer { get; } = new();

        public Task RunAsync(int instance = 0, ArchiveScheduleOptions? schedule = null) =>
            world.ScheduleOf(instance, Container, schedule ?? Schedule, Observer).RunAsync(CancellationToken.None);

        /// <summary>A call when the next round is due.</summary>
        public async Task RunNextAsync()
        {
            await world.Time.PassAsync(Schedule.Interval);
            await RunAsync();
        }

        /// <summary>A call whose process dies at its first request to the container, or while it makes the archive.</summary>
        public async Task DieAsync(int instance, bool beforeProgress = false)
        {
            var died = false;
            void Die()
            {
                died = true;
                world.Store.IsDown = true;
            }

            if (beforeProgress)
            {
                // The first row of a part.
                world.Store.BeforeSubmit = actions =>
                {
                    if (!died && actions is [TableAction.Upsert { RowKey: var key }] && key.StartsWith("p-", StringComparison.Ordinal))
                    {
                        Die();
                        return Task.FromResult<StoreFault?>(StoreFault.LostRequest);
                    }

                    return Task.FromResult<StoreFault?>(null);
                };
            }

            Container.BeforeRequest = () =>
            {
                Die();
                throw new StorageException("died", outcomeUnknown: true);
            };
            await Assert.ThrowsAsync<StorageException>(() => RunAsync(instance));
            Assert.True(died);
            world.Store.IsDown = false;
            world.Store.BeforeSubmit = static _ => Task.FromResult<StoreFault?>(null);
            Container.BeforeRequest = static () => Task.CompletedTask;
        }
    }

    private sealed class RecordedArchives : IArchiveObserver
    {
        public List<string> Archived { get; } = [];

        public List<(ProjectId Project, string Reason)> Failed { get; } = [];

        public List<ArchiveRoundReport> Rounds { get; } = [];

        void IArchiveObserver.Archived(ProjectId project, long revision, string name, long bytes) => Archived.Add(name);

        public void NotArchived(ProjectId project, string reason) => Failed.Add((project, reason));

        public void RoundFinished(ArchiveRoundReport report) => Rounds.Add(report);
    }
}
