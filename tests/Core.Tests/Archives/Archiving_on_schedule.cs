using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;
using ServerlessSync.Core.Tests.Engine;
using ServerlessSync.Support.Archives;

namespace ServerlessSync.Core.Tests.Archives;

public sealed class Archiving_on_schedule
{
    [Fact]
    public void An_archive_from_the_container_restores_the_project() =>
        ScheduledArchiving.Play(async (world, archives) =>
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
        ScheduledArchiving.Play(async (world, archives) =>
        {
            var one = await world.JoinAsync("Hugo");
            for (var version = 0; version < 5; version++)
            {
                await one.ChangeAsync($$$"""{"versions":{"added":[{"$PhantomId":"_generated{{{version}}}","content":{"n":{{{version}}} }}]}}""");
            }

            var brief = ScheduledArchiving.Schedule with { WorkTime = TimeSpan.FromMilliseconds(10) };
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
        ScheduledArchiving.Play(async (world, archives) =>
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
        ScheduledArchiving.Play(async (world, archives) =>
        {
            await archives.RunAsync();
            await (await world.JoinAsync("Hugo")).RenameAsync(3, "changed");

            await archives.RunAsync();

            Assert.Single(archives.Container.Names);
        });

    [Fact]
    public void Concurrent_calls_archive_a_project_once() =>
        ScheduledArchiving.Play(async (_, archives) =>
        {
            await Task.WhenAll(archives.RunAsync(instance: 0), archives.RunAsync(instance: 1), archives.RunAsync(instance: 1));

            Assert.Single(archives.Observer.Archived);
            Assert.Single(archives.Container.Names);
        });

    [Fact]
    public void Another_instance_continues_when_the_claim_of_a_dead_one_expires() =>
        ScheduledArchiving.Play(async (world, archives) =>
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
        ScheduledArchiving.Play(async (world, archives) =>
        {
            await Archiving.RestoredAsync(world, await Archiving.ArchiveAsync(world), Archiving.Id(2));
            for (var call = 0; call < ScheduledArchiving.Schedule.AttemptsMax; call++)
            {
                await archives.DieAsync(instance: 0, beforeProgress: true);
                await world.Time.PassAsync(TimeSpan.FromMinutes(2));
            }

            await archives.RunAsync(schedule: ScheduledArchiving.Schedule with { Interval = TimeSpan.FromDays(1) });

            Assert.Equal((World.Project, "5 attempts made no progress."), Assert.Single(archives.Observer.Failed));
            Assert.StartsWith("n2/", Assert.Single(archives.Container.Names), StringComparison.Ordinal);
        });

    [Fact]
    public void An_unreadable_project_does_not_block_the_others() =>
        ScheduledArchiving.Play(async (world, archives) =>
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
        ScheduledArchiving.Play(async (_, archives) =>
        {
            archives.Container.BeforeRequest = static () => throw new StorageException("down", outcomeUnknown: true);
            for (var call = 0; call < 2 * ScheduledArchiving.Schedule.AttemptsMax; call++)
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
        ScheduledArchiving.Play(async (_, archives) =>
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
    public void Table_storage_keeps_no_copy() =>
        ScheduledArchiving.Play(async (world, archives) =>
        {
            await archives.RunAsync();

            Assert.Empty(await new ArchiveDirectory(world.Store, world.Time).ListAsync(CancellationToken.None));
        });
}
