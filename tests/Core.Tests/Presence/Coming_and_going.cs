using ServerlessSync.Core.Model;
using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Tests.Presence;

public sealed class Coming_and_going
{
    private readonly PresenceWorld world = new();
    private readonly PresenceTracker book;

    public Coming_and_going() => book = world.NewBook();

    [Fact]
    public void A_lone_login_hears_one_list_and_no_join_of_its_own()
    {
        world.Virtual.Run(() => world.Login(book, "a", "Ada"));

        Assert.Equal(["users Ada"], world.Gateway.Inbox("a"));
    }

    [Fact]
    public void The_list_is_out_when_the_login_returns()
    {
        var login = world.Virtual.Start(() => world.Login(book, "a", "Ada"));

        Assert.True(login.IsCompletedSuccessfully);
        Assert.Equal(["users Ada"], world.Gateway.Inbox("a"));
    }

    [Fact]
    public void The_lease_is_given_back_and_the_list_recorded()
    {
        world.Virtual.Run(() => world.Login(book, "a", "Ada"));
        world.Virtual.Pass(TimeSpan.FromSeconds(1));

        Assert.Equal((1, 1, ""), (world.HeadNumber("changes"), world.HeadNumber("sent"), world.HeadOwner()));
    }

    [Fact]
    public void Others_hear_of_a_newcomer_before_they_get_the_list()
    {
        world.Virtual.Run(() => world.Login(book, "b", "Ada"));
        world.Virtual.Pass(TimeSpan.FromSeconds(1));
        world.Virtual.Run(() => world.Login(book, "a", "Bob"));

        Assert.Equal(["users Ada", "join Bob", "users Ada,Bob"], world.Gateway.Inbox("b"));
        Assert.Equal(["users Ada,Bob"], world.Gateway.Inbox("a"));
    }

    [Fact]
    public void People_who_come_at_the_same_moment_are_listed_by_connection()
    {
        world.Virtual.Run(() => Task.WhenAll(world.Login(book, "b", "Ada"), world.Login(book, "a", "Bob")));

        Assert.Equal("users Bob,Ada", world.LastList());
    }

    [Fact]
    public void Two_connections_of_one_user_are_two_entries()
    {
        world.Virtual.Run(() => world.Login(book, "a", "Ada"));
        world.Virtual.Run(() => world.Login(book, "b", "Ada"));

        Assert.Equal("users Ada,Ada", world.LastList());
    }

    [Fact]
    public void Others_hear_of_an_end_before_they_get_the_list()
    {
        world.Virtual.Run(() => world.Login(book, "a", "Ada"));
        world.Virtual.Run(() => world.Login(book, "b", "Bob"));
        var before = world.Gateway.Inbox("a").Count;
        world.Virtual.Run(() => world.Logout(book, "b"));

        Assert.Equal(["logout Bob", "users Ada"], world.Gateway.Inbox("a").Skip(before).ToList());
        Assert.False(world.HasRow("b"));
    }

    [Fact]
    public void A_connection_still_in_the_group_does_not_receive_its_own_logout()
    {
        world.Virtual.Run(() => world.Login(book, "a", "Ada"));
        world.Virtual.Run(() => book.LeaveAsync(new ConnectionId("a"), CancellationToken.None));

        Assert.DoesNotContain(world.Gateway.Inbox("a"), text => text is "logout Ada");
    }

    [Fact]
    public void A_repeated_end_stores_and_sends_nothing()
    {
        world.Virtual.Run(() => world.Login(book, "a", "Ada"));
        world.Virtual.Run(() => world.Logout(book, "a"));
        world.Virtual.Pass(TimeSpan.FromSeconds(2));
        var (sent, committed) = (world.Gateway.Sent.Count, world.Store.Committed.Count);
        world.Virtual.Run(() => world.Logout(book, "a"));
        world.Virtual.Run(() => world.Logout(book, "never-here"));

        Assert.Equal((sent, committed), (world.Gateway.Sent.Count, world.Store.Committed.Count));
    }

    [Fact]
    public void Coming_again_under_the_same_name_changes_nothing()
    {
        world.Virtual.Run(() => world.Login(book, "a", "Ada"));
        world.Virtual.Run(() => world.Login(book, "b", "Bob"));
        world.Virtual.Pass(TimeSpan.FromSeconds(2));
        var (sent, committed) = (world.Gateway.Sent.Count, world.Store.Committed.Count);
        world.Virtual.Run(() => world.Login(book, "b", "Bob"));

        Assert.Equal((sent, committed), (world.Gateway.Sent.Count, world.Store.Committed.Count));
    }

    [Fact]
    public void One_event_delivered_to_two_instances_makes_one_join()
    {
        var other = world.NewBook();
        world.Virtual.Run(() => Task.WhenAll(world.Login(book, "a", "Ada"), world.Login(other, "a", "Ada")));
        world.Virtual.Pass(TimeSpan.FromSeconds(2));

        Assert.Single(world.Gateway.Sent, text => text is "join Ada");
        Assert.Equal("users Ada", world.LastList());
    }

    [Fact]
    public void Coming_again_under_another_name_replaces()
    {
        world.Virtual.Run(() => world.Login(book, "a", "Ada"));
        world.Virtual.Run(() => world.Login(book, "b", "Bob"));
        var before = world.Gateway.Inbox("a").Count;
        world.Virtual.Run(() => world.Login(book, "b", "Bert"));

        Assert.Equal(["logout Bob", "join Bert", "users Ada,Bert"], world.Gateway.Inbox("a").Skip(before).ToList());
    }

    [Fact]
    public void Coming_and_going_in_one_breath_end_in_their_order()
    {
        world.Virtual.Run(() => Task.WhenAll(world.Login(book, "a", "Ada"), world.Logout(book, "a")));

        Assert.Equal("users ", world.LastList());
        Assert.False(world.HasRow("a"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("with\nline break")]
    public void A_name_that_cannot_be_shown_is_refused(string userName) =>
        Assert.Throws<ArgumentException>(() => world.Virtual.Run(() => world.Login(book, "a", userName)));

    [Fact]
    public void A_name_over_the_limit_is_refused() =>
        Assert.Throws<ArgumentException>(() => world.Virtual.Run(() => world.Login(book, "a", new string('x', 101))));

    [Fact]
    public void Any_text_of_a_sane_length_is_a_connection_id()
    {
        world.Virtual.Run(() => world.Login(book, "a/b?#\\é", "Ada"));

        Assert.Equal("users Ada", world.LastList());
    }

    [Fact]
    public void A_connection_id_whose_text_is_too_long_for_a_key_is_kept_under_a_shorter_one()
    {
        world.Virtual.Run(() => world.Login(book, new string('é', 128), "Ada"));

        Assert.Equal("users Ada", world.LastList());
    }

    [Fact]
    public void A_row_of_a_newer_format_is_refused_and_no_caller_hangs()
    {
        var properties = new Dictionary<string, TableValue>(StringComparer.Ordinal) { ["format"] = 2 };
        world.Store.Poke(TableName.Presence, "everyone", new TableAction.Upsert("head", properties));

        Assert.Throws<StorageException>(() => world.Virtual.Run(() => world.Login(book, "a", "Ada")));
    }

    [Fact]
    public void A_cancelled_caller_stops_waiting_but_the_change_is_made()
    {
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(100), world.Virtual.Time);
        world.Gateway.Before = () => Task.Delay(TimeSpan.FromSeconds(1), world.Virtual.Time);
        world.Gateway.Connect(GroupName.Everyone, "a");
        var entering = world.Virtual.Start(() => book.EnterAsync(new ConnectionId("a"), "Ada", source.Token));
        world.Virtual.Pass(TimeSpan.FromMilliseconds(200));

        Assert.True(entering.IsCanceled);
        Assert.Empty(world.Gateway.Inbox("a"));
        world.Virtual.Pass(TimeSpan.FromSeconds(3));
        Assert.Equal(["users Ada"], world.Gateway.Inbox("a"));
    }

    [Fact]
    public void Closing_sends_what_is_due_at_once()
    {
        world.Virtual.Run(() => world.Login(book, "a", "Ada"));
        var second = world.Virtual.Start(() => world.Login(book, "b", "Bob"));
        Assert.False(second.IsCompleted);
        var closing = world.Virtual.Start(() => book.DisposeAsync().AsTask());

        Assert.True(closing.IsCompletedSuccessfully);
        Assert.True(second.IsCompletedSuccessfully);
        Assert.Equal("users Ada,Bob", world.LastList());
        Assert.Equal("", world.HeadOwner());
        Assert.Throws<ObjectDisposedException>(() => world.Virtual.Run(() => world.Login(book, "c", "Cem")));
    }
}
