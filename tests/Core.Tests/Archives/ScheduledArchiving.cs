using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;
using ServerlessSync.Core.Tests.Engine;
using ServerlessSync.Support.Archives;

namespace ServerlessSync.Core.Tests.Archives;

/// <summary>The timers of a world's instances, with one container.</summary>
internal sealed class ScheduledArchiving(World world)
{
    public static ArchiveScheduleOptions Schedule { get; } = new()
    {
        Interval = TimeSpan.FromMinutes(1),
        KeepFor = TimeSpan.FromMinutes(5),
        KeepCount = 2,
    };

    public MemoryArchiveContainer Container { get; } = new();

    public RecordedArchives Observer { get; } = new();

    public static void Play(Func<World, ScheduledArchiving, Task> scenario) =>
        Archiving.Play(world => scenario(world, new ScheduledArchiving(world)));

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

internal sealed class RecordedArchives : IArchiveObserver
{
    public List<string> Archived { get; } = [];

    public List<(ProjectId Project, string Reason)> Failed { get; } = [];

    public List<ArchiveRoundReport> Rounds { get; } = [];

    void IArchiveObserver.Archived(ProjectId project, long revision, string name, long bytes) => Archived.Add(name);

    public void NotArchived(ProjectId project, string reason) => Failed.Add((project, reason));

    public void RoundFinished(ArchiveRoundReport report) => Rounds.Add(report);
}
