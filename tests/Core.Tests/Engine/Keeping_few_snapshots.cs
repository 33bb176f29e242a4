using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Engine;

public sealed class Keeping_few_snapshots
{
    private static readonly SequencerOptions Often = new()
    {
        SnapshotEntries = 5,
        SnapshotInterval = TimeSpan.FromSeconds(1),
        StateBytesMax = 1 << 30,
    };

    [Fact]
    public void Only_the_newest_and_the_one_before_it_stay() =>
        Play(async (world, one) =>
        {
            await EditAsync(world, one, 60);

            Assert.True(world.Observer.Snapshots.Count > 5, $"{world.Observer.Snapshots.Count} were written");
            var kept = await KeysAsync(world);
            Assert.InRange(kept.Count, 1, 3);
            Assert.Contains((await HeadAsync(world)).SnapshotKey, kept);

            await world.RestartAsync(0);
            await one.RenameAsync(1, "after");
            Assert.Equal(61, one.Numbers[^1]);
        });

    [Fact]
    public void An_engine_that_ends_removes_what_the_last_one_supersedes() =>
        Play(async (world, one) =>
        {
            world.Store.BeforeSubmit = async actions =>
            {
                if (actions.Any(static action => action.RowKey.StartsWith("s-", StringComparison.Ordinal) && action is not TableAction.Delete))
                {
                    // The engine has nothing left to do before the snapshot is written.
                    await world.Time.PassAsync(TimeSpan.FromSeconds(1));
                }

                return null;
            };
            for (var round = 1; round <= 5; round++)
            {
                await EditAsync(world, one, Often.SnapshotEntries - 1);

                // The snapshot that begins with this edit is finished, and named, at the end.
                await one.RenameAsync(1, "the last");
                await world.RestartAsync(0);

                var kept = await KeysAsync(world);
                Assert.Equal(round, world.Observer.Snapshots.Count);
                Assert.InRange(kept.Count, 1, 2);
            }
        });

    [Fact]
    public void Whoever_was_reading_one_that_is_removed_reads_the_one_that_took_its_place() =>
        Play(async (world, one) =>
        {
            await EditAsync(world, one, 20);
            var stale = (await HeadAsync(world)).SnapshotKey;
            var isFirst = true;
            world.Store.BeforeQuery = async range =>
            {
                if (isFirst && string.Equals(range.From, stale, StringComparison.Ordinal))
                {
                    // Between its reading the head and the rows, the other instance goes on for minutes.
                    isFirst = false;
                    await EditAsync(world, one, 20);
                }
            };

            var two = world.Open("Ines", instance: 1);
            await two.LoginAsync();
            Assert.IsType<EventReply.Done>(await two.LoadAsync());

            Assert.False(isFirst);
            Assert.DoesNotContain(stale, await KeysAsync(world));
            Assert.Equal(40, two.LastDataset.GetProperty("revision").GetInt64());
        });

    private static void Play(Func<World, TestClient, Task> scenario) =>
        VirtualTime.Run(time =>
            new World(time, instanceCount: 2, Often).RunAsync(async world => await scenario(world, await world.JoinAsync("Hugo")))
        );

    private static async Task EditAsync(World world, TestClient client, int count)
    {
        for (var edit = 0; edit < count; edit++)
        {
            await client.RenameAsync(1, $"{edit}");
            await world.Time.PassAsync(TimeSpan.FromMilliseconds(500));
        }
    }

    private static async Task<Head> HeadAsync(World world) =>
        (await new ProjectLog(world.Store, World.Project).ReadHeadAsync(CancellationToken.None))!.Value;

    private static async Task<List<string>> KeysAsync(World world)
    {
        var keys = new List<string>();
        await foreach (
            var row in world.Store.QueryAsync(TableName.Data, World.Project.Key, RowRange.Prefix("s-"), null, CancellationToken.None)
        )
        {
            keys.Add(row.RowKey);
        }

        return keys;
    }
}
