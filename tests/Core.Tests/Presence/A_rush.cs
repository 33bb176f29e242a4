using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Tests.Presence;

public sealed class A_rush
{
    private readonly PresenceWorld world = new();

    [Fact]
    public void Five_hundred_logins_are_a_few_transactions_and_two_lists()
    {
        var book = world.NewBook();
        world.Virtual.Run(() => Task.WhenAll(Logins(book, 500)));

        // 500 / 90 transactions; the first list is sent at once, the second contains all users.
        var withRows = world.Store.Committed.Count(actions => actions.Count > 1);
        Assert.Equal(6, withRows);
        Assert.Equal(2, world.Lists());
        Assert.Equal(499, world.LastList().Count(character => character == ','));
    }

    [Fact]
    public void Two_instances_share_a_rush()
    {
        var (one, two) = (world.NewBook(), world.NewBook());
        var seeded = new SeededIds(7);
        world.Store.Before = () => Task.Delay(TimeSpan.FromMilliseconds(5 + seeded.Next(10)), world.Virtual.Time);
        world.Virtual.Run(() => Task.WhenAll(Logins(one, 200).Concat(Logins(two, 200, from: 200))));
        world.Virtual.Pass(TimeSpan.FromSeconds(10));

        Assert.InRange(world.Lists(), 2, 6);
        Assert.Equal(399, world.LastList().Count(character => character == ','));
    }

    [Fact]
    public void Lists_are_half_a_second_apart()
    {
        var book = world.NewBook();
        var times = new List<DateTimeOffset>();
        world.Gateway.Fail = text =>
        {
            if (text.StartsWith("users ", StringComparison.Ordinal))
            {
                times.Add(world.Virtual.Time.GetUtcNow());
            }

            return null;
        };
        for (var count = 0; count < 40; count++)
        {
            var connection = $"c{count}";
            Assert.NotNull(world.Virtual.Start(() => world.Login(book, connection, "Ada")));
            world.Virtual.Pass(TimeSpan.FromMilliseconds(50));
        }

        world.Virtual.Pass(TimeSpan.FromSeconds(1));
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromMilliseconds(500)));
        Assert.InRange(times.Count, 4, 6);
    }

    [Fact]
    public void A_steady_stream_does_not_put_the_list_off()
    {
        var book = world.NewBook();
        world.Store.Before = () => Task.Delay(TimeSpan.FromMilliseconds(10), world.Virtual.Time);
        for (var count = 0; count < 400; count++)
        {
            var connection = $"c{count}";
            Assert.NotNull(world.Virtual.Start(() => world.Login(book, connection, "Ada")));
            world.Virtual.Pass(TimeSpan.FromMilliseconds(5));
        }

        Assert.InRange(world.Lists(), 3, 6);
    }

    [Fact]
    public void A_list_is_cut_at_whole_names_when_it_is_too_long()
    {
        var book = world.NewBook();
        var name = new string('x', 99);
        for (var index = 0; index < 4_999; index++)
        {
            Poke($"c{index:d4}", name + "é");
        }

        world.Virtual.Run(() => world.Login(book, "zz", "Ada"));
        Assert.Equal("list 5000", world.Observer.Heard[^1]);

        for (var index = 0; index < 5_000; index++)
        {
            Poke($"c{index:d4}", new string('é', 100));
        }

        world.Virtual.Run(() => world.Login(book, "zzz", "Bob"));
        var list = world.LastList()["users ".Length..];
        var size = System.Text.Encoding.UTF8.GetByteCount(world.LastList());
        Assert.InRange(size, PresenceLimits.ListBytesMax - 201, PresenceLimits.ListBytesMax);
        Assert.All(list.Split(','), entry => Assert.Equal(100, entry.Length));
        Assert.Contains(world.Observer.Heard, heard => heard.EndsWith(" cut", StringComparison.Ordinal));
    }

    [Fact]
    public void A_list_names_no_more_connections_than_the_limit()
    {
        var book = world.NewBook();
        for (var index = 0; index < PresenceLimits.ListedMax; index++)
        {
            Poke($"c{index:d4}", "x");
        }

        world.Virtual.Run(() => world.Login(book, "a", "Ada"));
        Assert.Equal("list 5000 cut", world.Observer.Heard[^1]);
        Assert.Equal(PresenceLimits.ListedMax - 1, world.LastList().Count(character => character == ','));
    }

    [Fact]
    public void More_than_can_wait_are_refused()
    {
        var book = world.NewBook();
        var life = new ProcessLife { IsDead = true };
        world.Store.Before = () => life.Step("any");
        // The loop takes the first and blocks on it; the others wait.
        for (var count = 0; count <= PresenceLimits.PendingMax; count++)
        {
            var connection = $"c{count}";
            Assert.False(world.Virtual.Start(() => world.Login(book, connection, "Ada")).IsFaulted);
        }

        Assert.Throws<StorageException>(() => world.Virtual.Run(() => world.Login(book, "one-more", "Ada")));
    }

    private IEnumerable<Task> Logins(PresenceTracker book, int count, int from = 0) =>
        Enumerable.Range(from, count).Select(index => world.Login(book, $"c{index}", $"User {index}"));

    private void Poke(string connection, string userName)
    {
        var properties = new Dictionary<string, TableValue>(StringComparer.Ordinal)
        {
            ["format"] = 1,
            ["connection"] = connection,
            ["user"] = userName,
            ["entered"] = 0,
            ["change"] = connection,
        };
        world.Store.Poke(TableName.Presence, "everyone", new TableAction.Upsert($"c-s{connection}", properties));
    }
}
