using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Tests.Presence;

public sealed class Several_instances
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 8)];

    [Fact]
    public void An_instance_without_the_lease_sends_its_notice_and_leaves_the_list()
    {
        var world = new PresenceWorld();
        var (holder, other) = (world.NewBook(), world.NewBook());
        world.Virtual.Run(() => world.Login(holder, "a", "Ada"));
        var waiting = world.Virtual.Start(() => world.Login(holder, "b", "Bob"));
        var left = world.Virtual.Start(() => world.Login(other, "c", "Cem"));

        Assert.False(waiting.IsCompleted);
        Assert.True(left.IsCompletedSuccessfully);
        Assert.Equal(["users Ada", "join Bob", "join Cem"], world.Gateway.Inbox("a"));

        world.Virtual.Pass(TimeSpan.FromSeconds(3));
        Assert.Equal(["users Ada", "join Bob", "join Cem", "users Ada,Bob,Cem"], world.Gateway.Inbox("a"));
        Assert.Equal((3, 3, ""), (world.HeadNumber("changes"), world.HeadNumber("sent"), world.HeadOwner()));
    }

    [Fact]
    public void A_change_while_the_holder_sends_makes_it_list_again()
    {
        var world = new PresenceWorld();
        var (holder, other) = (world.NewBook(), world.NewBook());
        world.Gateway.Before = () => Task.Delay(TimeSpan.FromMilliseconds(100), world.Virtual.Time);
        Assert.NotNull(world.Virtual.Start(() => world.Login(holder, "a", "Ada")));
        world.Virtual.Pass(TimeSpan.FromMilliseconds(150));
        Assert.NotNull(world.Virtual.Start(() => world.Login(other, "b", "Bob")));
        world.Virtual.Pass(TimeSpan.FromSeconds(3));

        Assert.Equal(["users Ada", "join Bob", "users Ada,Bob"], world.Gateway.Inbox("a"));
    }

    [Theory]
    [InlineData("send", 2)]
    [InlineData("sent", 2)]
    [InlineData("query", 1)]
    [InlineData("queried", 1)]
    [InlineData("submitted", 1)]
    public void The_lease_of_a_dead_holder_is_taken_over(string step, int time)
    {
        var world = new PresenceWorld();
        var life = new ProcessLife();
        var (dying, other) = (world.NewBook(life), world.NewBook());
        var seen = 0;
        life.DiesAt = at => string.Equals(at, step, StringComparison.Ordinal) && ++seen == time;
        Assert.NotNull(world.Virtual.Start(() => world.Login(dying, "a", "Ada")));
        Assert.True(life.IsDead);
        Assert.NotEmpty(world.HeadOwner());

        world.Virtual.Run(() => world.Login(other, "b", "Bob"));
        world.Virtual.Pass(TimeSpan.FromMilliseconds(4_900));
        Assert.False(world.Observer.Has("taken over"));
        world.Virtual.Pass(TimeSpan.FromSeconds(2));

        Assert.True(world.Observer.Has("taken over"));
        Assert.Equal("users Ada,Bob", world.Gateway.Inbox("b")[^1]);
        Assert.Equal((2, ""), (world.HeadNumber("sent"), world.HeadOwner()));
    }

    [Fact]
    public void A_lease_that_was_seen_long_ago_in_the_same_term_is_taken_over_at_once()
    {
        var world = new PresenceWorld();
        var life = new ProcessLife();
        var (dying, other) = (world.NewBook(life), world.NewBook());
        life.DiesAt = at => at is "query";
        Assert.NotNull(world.Virtual.Start(() => world.Login(dying, "a", "Ada")));
        world.Virtual.Run(() => world.Login(other, "b", "Bob"));
        world.Gateway.Fail = _ => new Core.Model.GatewayException("down");
        world.Virtual.Pass(TimeSpan.FromSeconds(20));
        world.Gateway.Fail = _ => null;

        var login = world.Virtual.Start(() => world.Login(other, "c", "Cem"));
        Assert.True(login.IsCompletedSuccessfully);
        Assert.Equal("users Ada,Bob,Cem", world.Gateway.Inbox("c")[^1]);
    }

    [Fact]
    public void A_holder_that_was_given_up_does_not_send_an_old_list()
    {
        var world = new PresenceWorld();
        var (slow, other) = (world.NewBook(), world.NewBook());
        var reads = 0;
        world.Gateway.Connect(GroupName.Everyone, "watcher");
        world.Store.Before = () => ++reads == 4 ? Task.Delay(TimeSpan.FromSeconds(30), world.Virtual.Time) : Task.CompletedTask;
        Assert.NotNull(world.Virtual.Start(() => world.Login(slow, "a", "Ada")));
        Assert.Equal(4, reads);
        world.Virtual.Run(() => world.Login(other, "b", "Bob"));
        world.Virtual.Pass(TimeSpan.FromSeconds(10));
        world.Virtual.Run(() => world.Logout(other, "b"));
        var lists = world.Lists();
        world.Virtual.Pass(TimeSpan.FromSeconds(60));

        Assert.Equal("users Ada", world.LastList());
        Assert.Equal(lists, world.Lists());
    }

    /// <summary>Twenty-five runs per seed: delays, redelivery, lost answers and the death of an instance, all determined by the seed.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_last_list_is_the_truth_whatever_the_interleaving(int seed)
    {
        for (var run = 0; run < 25; run++)
        {
            new RandomRun(seed * 1_000 + run).Check();
        }
    }
}
