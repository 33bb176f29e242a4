using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Log;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Engine;

public sealed class Keeping_the_lease
{
    private static readonly SequencerOptions Options = new() { StateBytesMax = 1 << 30 };

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(20);

    [Fact]
    public void An_engine_that_is_alone_writes_the_head_once_for_each_edit() =>
        Play(async world =>
        {
            var hugo = await world.JoinAsync("Hugo");
            var writes = CountHeadWrites(world);

            for (var edit = 1; edit <= 5; edit++)
            {
                await hugo.RenameAsync(1, $"edit {edit}");
            }

            Assert.Equal(5, writes());
            Assert.Equal([1, 2, 3, 4, 5], hugo.Numbers);
        });

    [Fact]
    public void It_records_what_was_sent_and_gives_the_lease_back_when_no_edit_follows() =>
        Play(async world =>
        {
            var hugo = await world.JoinAsync("Hugo");
            await hugo.RenameAsync(1, "the only one");
            await world.Time.PassAsync(Moment);
            var held = await HeadAsync(world);
            Assert.Equal((0, false), (held.Published, held.LeaseIsFree));

            await world.Time.PassAsync(Options.LeaseHold);

            var free = await HeadAsync(world);
            Assert.Equal((1, true), (free.Published, free.LeaseIsFree));
        });

    [Fact]
    public void The_first_edit_at_another_instance_waits_for_it_and_no_longer() =>
        Play(async world =>
        {
            var hugo = await world.JoinAsync("Hugo", instance: 0);
            var ines = await world.JoinAsync("Ines", instance: 1);
            await hugo.RenameAsync(1, "by Hugo");
            var before = world.Time.Elapsed;

            await ines.RenameAsync(1, "by Ines");

            Assert.Equal([1, 2], hugo.Numbers);
            Assert.True(world.Time.Elapsed - before < Options.LeaseHold + Options.WatchMax, $"{world.Time.Elapsed - before}");
        });

    [Fact]
    public void Beside_another_engine_it_is_given_back_after_each_edit() =>
        Play(async world =>
        {
            var hugo = await world.JoinAsync("Hugo", instance: 0);
            var ines = await world.JoinAsync("Ines", instance: 1);
            await hugo.RenameAsync(1, "by Hugo");
            await ines.RenameAsync(1, "by Ines");
            await world.Time.PassAsync(Options.LeaseHold);

            await hugo.RenameAsync(1, "by Hugo again");
            await world.Time.PassAsync(Moment);

            var head = await HeadAsync(world);
            Assert.Equal((3, true), (head.Published, head.LeaseIsFree));
        });

    [Fact]
    public void An_engine_that_ends_gives_it_back_at_once() =>
        Play(async world =>
        {
            var hugo = await world.JoinAsync("Hugo");
            await hugo.RenameAsync(1, "before the end");
            var before = world.Time.Elapsed;

            await world.RegistryOf(0).DrainAsync(CancellationToken.None);

            Assert.True(world.Time.Elapsed - before < Options.LeaseHold, $"{world.Time.Elapsed - before}");
            var head = await HeadAsync(world);
            Assert.Equal((1, true), (head.Published, head.LeaseIsFree));
        });

    private static void Play(Func<World, Task> scenario) =>
        VirtualTime.Run(time => new World(time, instanceCount: 2, Options).RunAsync(scenario));

    private static Func<int> CountHeadWrites(World world)
    {
        var count = 0;
        world.Store.BeforeSubmit = actions =>
        {
            count += actions.Any(static action => action.RowKey == RowKeys.Head) ? 1 : 0;
            return Task.FromResult<StoreFault?>(null);
        };
        return () => count;
    }

    private static async Task<Head> HeadAsync(World world) =>
        (await new ProjectLog(world.Store, World.Project).ReadHeadAsync(CancellationToken.None))!.Value;
}
