using ServerlessSync.Core.Model;
using ServerlessSync.Core.Presence;

namespace ServerlessSync.Core.Tests.Presence;

public sealed class Reconciling
{
    private readonly PresenceWorld world = new();
    private readonly PresenceTracker book;

    public Reconciling()
    {
        book = world.NewBook();
        world.Virtual.Run(() => world.Login(book, "a", "Ada"));
        world.Virtual.Run(() => world.Login(book, "b", "Bob"));
        world.Virtual.Pass(TimeSpan.FromMinutes(5));
    }

    [Fact]
    public void A_user_missing_twice_is_removed_and_announced()
    {
        var before = world.Gateway.Inbox("a").Count;
        world.Gateway.Drop("b");
        Reconcile();
        Assert.True(world.HasRow("b"));
        Reconcile();

        Assert.False(world.HasRow("b"));
        Assert.Equal(["logout Bob", "users Ada"], world.Gateway.Inbox("a").Skip(before).ToList());
        Assert.True(world.Observer.Has("removed Bob"));
    }

    [Fact]
    public void The_two_misses_may_be_seen_by_two_instances()
    {
        world.Gateway.Drop("b");
        Reconcile();
        world.Virtual.Pass(TimeSpan.FromMinutes(1));
        world.Virtual.Run(() => world.NewBook().ReconcileAsync(CancellationToken.None));

        Assert.False(world.HasRow("b"));
    }

    [Fact]
    public void Misses_that_are_not_consecutive_remove_no_user()
    {
        foreach (var isHidden in (bool[])[true, false, true, false, true])
        {
            _ = isHidden ? world.Gateway.Hidden.Add(new ConnectionId("b")) : world.Gateway.Hidden.Remove(new ConnectionId("b"));
            Reconcile();
            Assert.True(world.HasRow("b"));
        }
    }

    [Fact]
    public void Reconciliations_at_the_same_time_count_as_one()
    {
        var other = world.NewBook();
        world.Gateway.Drop("b");
        world.Virtual.Run(() => Task.WhenAll(book.ReconcileAsync(default), other.ReconcileAsync(default)));
        world.Virtual.Run(() => other.ReconcileAsync(CancellationToken.None));

        Assert.True(world.HasRow("b"));
    }

    [Fact]
    public void A_user_who_just_joined_is_not_removed()
    {
        world.Virtual.Run(() => world.Login(book, "c", "Cem"));
        world.Gateway.Drop("c");
        Reconcile(TimeSpan.FromSeconds(30));
        Reconcile(TimeSpan.FromSeconds(30));
        Reconcile(TimeSpan.FromSeconds(30));
        Assert.True(world.HasRow("c"));
        Reconcile(TimeSpan.FromSeconds(60));
        Assert.False(world.HasRow("c"));
    }

    [Fact]
    public void A_group_that_cannot_be_listed_removes_no_user()
    {
        world.Gateway.WhileListing = () => throw new GatewayException("down");
        Assert.Throws<GatewayException>(() => Reconcile());
        Assert.Throws<GatewayException>(() => Reconcile());
        world.Gateway.WhileListing = () => Task.CompletedTask;
        Reconcile();

        Assert.True(world.HasRow("a") && world.HasRow("b"));
    }

    [Fact]
    public void A_user_who_joins_during_the_listing_stays()
    {
        world.Gateway.WhileListing = () => world.Login(book, "c", "Cem");
        Reconcile();
        Reconcile();

        Assert.True(world.HasRow("c"));
    }

    [Fact]
    public void A_user_who_returns_during_the_listing_stays()
    {
        world.Gateway.Drop("b");
        Reconcile();
        world.Gateway.WhileListing = async () =>
        {
            await world.Logout(book, "b");
            await world.Login(book, "b", "Bob");
            world.Gateway.Hidden.Add(new ConnectionId("b"));
        };
        Reconcile();

        Assert.True(world.HasRow("b"));
    }

    [Fact]
    public void A_live_connection_without_a_row_is_left_alone()
    {
        world.Gateway.Connect(GroupName.Everyone, "c");
        var sent = world.Gateway.Sent.Count;
        Reconcile();
        Reconcile();

        Assert.False(world.HasRow("c"));
        Assert.Equal(sent, world.Gateway.Sent.Count);
        Assert.Contains(new ConnectionId("c"), world.Gateway.Members(GroupName.Everyone));
    }

    [Fact]
    public void A_whole_service_that_went_away_is_removed_in_a_few_lists()
    {
        var all = Enumerable.Range(0, 300).Select(index => $"c{index}").ToList();
        world.Virtual.Run(() => Task.WhenAll(all.Select(name => world.Login(book, name, name))));
        world.Virtual.Pass(TimeSpan.FromMinutes(5));
        all.ForEach(world.Gateway.Drop);
        var lists = world.Lists();
        Reconcile();
        Reconcile();

        Assert.Equal("users Ada,Bob", world.LastList());
        Assert.InRange(world.Lists() - lists, 1, 4);
    }

    /// <summary>A connection that stays in the group keeps its row, whatever joins, leaves and reconciles around it.</summary>
    [Fact]
    public void A_present_user_never_disappears()
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            var random = new SeededIds(seed);
            var calm = new PresenceWorld();
            var books = new[] { calm.NewBook(), calm.NewBook() };
            calm.Store.Before = () => Task.Delay(TimeSpan.FromMilliseconds(random.Next(40)), calm.Virtual.Time);
            calm.Gateway.WhileListing = () => Task.Delay(TimeSpan.FromMilliseconds(random.Next(900)), calm.Virtual.Time);
            calm.Virtual.Run(() => calm.Login(books[0], "stays", "Ada"));
            for (var turn = 0; turn < 12; turn++)
            {
                var connection = $"t{turn % 3}";
                var work = new List<Func<Task>>
                {
                    () => calm.Login(books[random.Next(2)], connection, "Bob"),
                    () => books[0].ReconcileAsync(CancellationToken.None),
                    () => books[1].ReconcileAsync(CancellationToken.None),
                    () => random.Next(2) == 0 ? calm.Logout(books[random.Next(2)], connection) : Lose(calm, connection),
                };
                calm.Virtual.Run(() => Task.WhenAll(work.OrderBy(_ => random.NextDouble()).Select(start => start())));
                calm.Virtual.Pass(TimeSpan.FromSeconds(random.Next(120)));
                Assert.True(calm.HasRow("stays"), $"Seed {seed}, turn {turn}.");
                Assert.Contains("Ada", calm.LastList(), StringComparison.Ordinal);
            }
        }
    }

    private static Task Lose(PresenceWorld world, string connection)
    {
        world.Gateway.Drop(connection);
        return Task.CompletedTask;
    }

    private void Reconcile(TimeSpan? pause = null)
    {
        world.Virtual.Pass(pause ?? TimeSpan.FromMinutes(1));
        world.Virtual.Run(() => book.ReconcileAsync(CancellationToken.None));
    }
}
