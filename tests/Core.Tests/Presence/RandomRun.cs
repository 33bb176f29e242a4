using ServerlessSync.Core.Model;
using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Tests.Presence;

/// <summary>
/// Users come and go at two instances, of which one may die, over a slow store that loses answers. Events of a dead instance
/// are redelivered to the other one, as by the service.
/// </summary>
internal sealed class RandomRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private readonly int seed;
    private readonly SeededIds random;
    private readonly PresenceWorld world = new();
    private readonly ProcessLife life = new();
    private readonly PresenceTracker mortal;
    private readonly PresenceTracker immortal;

    public RandomRun(int seed)
    {
        this.seed = seed;
        random = new SeededIds(seed);
        mortal = world.NewBook(life);
        immortal = world.NewBook();
        var deathStep = random.Next(3) == 0 ? random.Next(120) : int.MaxValue;
        var steps = 0;
        life.DiesAt = _ => ++steps == deathStep;
        world.Store.Before = () => Pause(20);
        world.Gateway.Before = () => Pause(40);
        world.Store.FailAfter = _ =>
            random.Next(25) == 0 ? new StorageException("The answer was lost.", outcomeUnknown: true) : null;
    }

    public void Check()
    {
        world.Gateway.Connect(GroupName.Everyone, "watcher");
        world.Virtual.Run(() => Task.WhenAll(Enumerable.Range(0, 6).Select(Person)));
        world.Virtual.Pass(TimeSpan.FromSeconds(20));

        // The watcher is in the group but not in presence; it receives what all clients receive.
        var lists = world.Gateway.Inbox("watcher").Where(IsList).ToList();
        Assert.True(IsTruth(lists[^1]), $"Seed {seed}: '{lists[^1]}' is not '{Truth()}'.");
        Assert.True(world.HeadNumber("sent") == world.HeadNumber("changes"), $"Seed {seed}: a list is due.");
        Assert.True(world.HeadOwner().Length == 0, $"Seed {seed}: the lease was not given back.");
        foreach (var member in world.Gateway.Members(GroupName.Everyone))
        {
            var last = world.Gateway.Inbox(member.Value).LastOrDefault(IsList);
            Assert.True(last is not null && IsTruth(last), $"Seed {seed}: {member} was shown '{last}'.");
        }
    }

    private static bool IsList(string text) => text.StartsWith("users ", StringComparison.Ordinal);

    private bool IsTruth(string list) => string.Equals(Sorted(list), Sorted(Truth()), StringComparison.Ordinal);

    private static string Sorted(string list) =>
        string.Join(',', list["users ".Length..].Split(',').Order(StringComparer.Ordinal));

    /// <summary>The users whose connections are in the group: names derive from connection ids.</summary>
    private string Truth() =>
        "users "
        + string.Join(
            ',',
            world.Gateway.Members(GroupName.Everyone)
                .Where(member => member.Value is not "watcher")
                .Select(member => $"User {member.Value}")
        );

    private async Task Person(int person)
    {
        for (var turn = 0; turn < 4; turn++)
        {
            var connection = $"p{person}t{turn}";
            await Pause(400);
            await Insist(book => world.Login(book, connection, $"User {connection}"));
            await Pause(400);
            if (turn < 3 || random.Next(2) == 0)
            {
                await Insist(book => world.Logout(book, connection));
            }
        }
    }

    /// <summary>Delivers an event until it succeeds: to either instance, again later when it fails or is not answered.</summary>
    private async Task Insist(Func<PresenceTracker, Task> deliver)
    {
        while (true)
        {
            var isMortal = !life.IsDead && random.Next(2) == 0;
            var delivery = deliver(isMortal ? mortal : immortal);
            var deadline = world.Virtual.Time.GetUtcNow() + Patience;
            while (!delivery.IsCompleted && (!isMortal || world.Virtual.Time.GetUtcNow() < deadline))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), world.Virtual.Time);
            }

            if (delivery.IsCompletedSuccessfully)
            {
                return;
            }

            Assert.True(
                !delivery.IsFaulted || delivery.Exception.InnerException is StorageException,
                $"Seed {seed}: {delivery.Exception}"
            );
        }
    }

    private async Task Pause(int millisecondsMax) =>
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(millisecondsMax)), world.Virtual.Time);
}
