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
    public void An_archive_from_the_container_restores_the_project() =>
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
    public void A_call_continues_where_the_last_one_stopped() =>
        Play(async (world, archives) =>
        {
            var one = await world.JoinAsync("Hugo");
            for (var version = 0; version < 5; version++)
            {
                await one.ChangeAsync($$$"""{"versions":{"added":[{"$PhantomId":"_generated{{{version}}}","content":{"n":{{{version}}} }}]}}""");
            }

            var brief = Schedule with { WorkTime = TimeSpan.FromMilliseconds(10) };
            var calls = 0;
            while (archives.Observer.Rounds.Count == 0)
            {
                // An archive becomes visible only when it is complete.
                Assert.All(
                    archives.Container.Names,
                    name => Assert.Equal(archives.Container.LabelOf(name).Parts, ArchiveFile.Split(archives.Container.Read(name)).Count)
                );
                await archives.RunAsync(instance: calls++ % 2, brief);
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
    public void An_unchanged_project_is_skipped() =>
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
    public void No_round_begins_before_it_is_due() =>
        Play(async (world, archives) =>
        {
            await archives.RunAsync();
            await (await world.JoinAsync("Hugo")).RenameAsync(3, "changed");

            await archives.RunAsync();

            Assert.Single(archives.Container.Names);
        });

    [Fact]
    public void Concurrent_calls_archive_a_project_once() =>
        Play(async (_, archives) =>
        {
            await Task.WhenAll(archives.RunAsync(instance: 0), archives.RunAsync(instance: 1), archives.RunAsync(instance: 1));

            Assert.Single(archives.Observer.Archived);
            Assert.Single(archives.Container.Names);
        });

    [Fact]
    public void Another_instance_continues_when_the_claim_of_a_dead_one_expires() =>
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
    public void A_project_that_crashes_the_process_is_skipped_after_some_attempts() =>
        Play(async (world, archives) =>
        {
            await Archiving.RestoredAsync(world, await Archiving.ArchiveAsync(world), Archiving.Id(2));
            for (var call = 0; call < Schedule.AttemptsMax; call++)
            {
                await archives.DieAsync(instance: 0, beforeProgress: true);
                await world.Time.PassAsync(TimeSpan.FromMinutes(2));
            }

            await archives.RunAsync(schedule: Schedule with { Interval = TimeSpan.FromDays(1) });

            Assert.Equal((World.Project, "5 attempts made no progress."), Assert.Single(archives.Observer.Failed));
            Assert.StartsWith("n2/", Assert.Single(archives.Container.Names), StringComparison.Ordinal);
        });

    [Fact]
    public void An_unreadable_project_does_not_block_the_others() =>
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
    public void An_unreachable_container_delays_archives_but_skips_none() =>
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
    public void An_archive_whose_staged_parts_were_discarded_is_reported_and_made_again() =>
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
    public void Expired_archives_are_removed_and_the_newest_kept_whatever_their_age() =>
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
    public void Blobs_with_other_names_are_kept() =>
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
    public void Archives_of_a_deleted_project_are_removed_when_the_retention_after_its_deletion_ends() =>
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
    public void Deleting_a_project_during_its_archive_is_no_failure() =>
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
    public void Table_storage_keeps_no_copy() =>
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
    public void No_project_lists_the_archives_of_another(string one, string other)
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

        /// <summary>Waits until the next round is due, then calls.</summary>
        public async Task RunNextAsync()
        {
            await world.Time.PassAsync(Schedule.Interval);
            await RunAsync();
        }

        /// <summary>Calls on an instance that dies at its first request to the container, or while it writes the archive's first part.</summary>
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
