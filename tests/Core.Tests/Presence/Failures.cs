using ServerlessSync.Core.Model;
using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Tests.Presence;

public sealed class Failures
{
    private readonly PresenceWorld world = new();
    private readonly PresenceTracker book;

    public Failures() => book = world.NewBook();

    [Fact]
    public void A_gateway_that_fails_leaves_the_stored_presence_and_the_list_due()
    {
        world.Gateway.Fail = _ => new GatewayException("down");
        world.Virtual.Run(() => world.Login(book, "a", "Ada"));
        world.Virtual.Pass(TimeSpan.FromSeconds(5));

        Assert.True(world.HasRow("a"));
        Assert.Equal((1, 0, ""), (world.HeadNumber("changes"), world.HeadNumber("sent"), world.HeadOwner()));
        Assert.Equal(["notice failed a", "list failed"], world.Observer.Heard);
    }

    [Fact]
    public void The_next_change_sends_what_a_failed_gateway_did_not()
    {
        world.Gateway.Fail = _ => new GatewayException("down");
        world.Virtual.Run(() => world.Login(book, "a", "Ada"));
        world.Gateway.Fail = _ => null;
        world.Virtual.Run(() => world.Login(world.NewBook(), "b", "Bob"));

        Assert.Equal(["join Bob", "users Ada,Bob"], world.Gateway.Inbox("a"));
    }

    [Fact]
    public void A_redelivered_login_sends_the_list_that_is_due_and_no_second_join()
    {
        world.Gateway.Connect(GroupName.Everyone, "b");
        world.Gateway.Fail = text => text.StartsWith("users", StringComparison.Ordinal) ? new GatewayException("down") : null;
        world.Virtual.Run(() => world.Login(book, "a", "Ada"));
        world.Gateway.Fail = _ => null;
        world.Virtual.Run(() => world.Login(book, "a", "Ada"));

        Assert.Equal(["users Ada"], world.Gateway.Inbox("a"));
        Assert.Equal(["join Ada", "users Ada"], world.Gateway.Inbox("b"));
    }

    [Fact]
    public void Reconciliation_sends_a_list_that_is_due()
    {
        world.Gateway.Fail = _ => new GatewayException("down");
        world.Virtual.Run(() => world.Login(book, "a", "Ada"));
        world.Gateway.Fail = _ => null;
        world.Virtual.Run(() => book.ReconcileAsync(CancellationToken.None));

        Assert.Equal(["users Ada"], world.Gateway.Inbox("a"));
        world.Virtual.Run(() => book.ReconcileAsync(CancellationToken.None));
        Assert.Equal(1, world.Lists());
    }

    [Fact]
    public void A_lost_answer_is_recognised_and_told_once()
    {
        var lost = 1;
        world.Gateway.Connect(GroupName.Everyone, "b");
        world.Store.FailAfter = _ => lost-- > 0 ? new StorageException("lost", outcomeUnknown: true) : null;
        world.Virtual.Run(() => world.Login(book, "a", "Ada"));
        world.Virtual.Pass(TimeSpan.FromSeconds(1));
        lost = 1;
        world.Virtual.Run(() => world.Logout(book, "a"));
        world.Virtual.Pass(TimeSpan.FromSeconds(1));

        Assert.Equal(["join Ada", "users Ada", "logout Ada", "users "], world.Gateway.Inbox("b"));
        Assert.Equal((2, 2, ""), (world.HeadNumber("changes"), world.HeadNumber("sent"), world.HeadOwner()));
    }

    [Fact]
    public void A_lost_answer_to_a_change_of_name_is_recognised()
    {
        world.Gateway.Connect(GroupName.Everyone, "b");
        world.Virtual.Run(() => world.Login(book, "a", "Ada"));
        world.Virtual.Pass(TimeSpan.FromSeconds(1));
        var lost = 1;
        world.Store.FailAfter = _ => lost-- > 0 ? new StorageException("lost", outcomeUnknown: true) : null;
        world.Virtual.Run(() => world.Login(book, "a", "Bea"));

        Assert.Equal(["join Ada", "users Ada", "logout Ada", "join Bea", "users Bea"], world.Gateway.Inbox("b"));
    }

    [Fact]
    public void A_store_that_refuses_is_told_to_the_callers_at_once()
    {
        world.Store.FailBefore = _ => new StorageException("throttled", outcomeUnknown: false);
        var (first, second) = (
            world.Virtual.Start(() => world.Login(book, "a", "Ada")),
            world.Virtual.Start(() => world.Login(book, "b", "Bob"))
        );

        Assert.IsType<StorageException>(first.Exception?.InnerException);
        Assert.IsType<StorageException>(second.Exception?.InnerException);
        Assert.Empty(world.Gateway.Sent);
        world.Store.FailBefore = _ => null;
        world.Virtual.Run(() => world.Login(book, "a", "Ada"));
        Assert.Equal("users Ada", world.LastList());
    }

    [Fact]
    public void A_race_that_is_lost_eight_times_is_told_to_the_caller()
    {
        var attempts = 0;
        world.Store.FailBefore = actions =>
        {
            attempts++;
            world.Store.Poke(TableName.Presence, "everyone", new TableAction.Upsert("head", TableRows.NoProperties));
            return null;
        };

        var failure = Assert.Throws<StorageException>(() => world.Virtual.Run(() => world.Login(book, "a", "Ada")));
        Assert.False(failure.OutcomeUnknown);
        Assert.Equal(PresenceLimits.AttemptsMax, attempts);
        Assert.False(world.HasRow("a"));
    }

    [Fact]
    public void A_change_that_fails_while_a_list_waits_does_not_keep_the_list_back()
    {
        world.Virtual.Run(() => world.Login(book, "a", "Ada"));
        var waiting = world.Virtual.Start(() => world.Login(book, "b", "Bob"));
        world.Store.FailBefore = actions =>
            actions.Any(action => action is TableAction.Insert) ? new StorageException("throttled", false) : null;
        Assert.True(world.Virtual.Start(() => world.Login(book, "c", "Cem")).IsFaulted);
        world.Virtual.Pass(TimeSpan.FromSeconds(1));

        Assert.True(waiting.IsCompletedSuccessfully);
        Assert.Equal("users Ada,Bob", world.LastList());
    }

    [Fact]
    public void A_list_that_cannot_be_read_stays_due_and_blocks_no_caller()
    {
        world.Store.FailRead = key => key is "c-" ? new StorageException("throttled", false) : null;
        world.Virtual.Run(() => world.Login(book, "a", "Ada"));
        world.Virtual.Pass(TimeSpan.FromSeconds(1));

        Assert.Equal((1, 0, ""), (world.HeadNumber("changes"), world.HeadNumber("sent"), world.HeadOwner()));
        world.Store.FailRead = _ => null;
        world.Virtual.Run(() => world.Login(book, "b", "Bob"));
        Assert.Equal("users Ada,Bob", world.LastList());
    }

    [Fact]
    public void A_lease_that_could_not_be_given_back_is_found_again()
    {
        world.Store.FailBefore = actions =>
            actions.Count == 1 ? new StorageException("throttled", outcomeUnknown: false) : null;
        world.Virtual.Run(() => world.Login(book, "a", "Ada"));
        Assert.NotEmpty(world.HeadOwner());
        world.Store.FailBefore = _ => null;
        world.Virtual.Run(() => world.Login(book, "b", "Bob"));
        world.Virtual.Pass(TimeSpan.FromSeconds(1));

        Assert.Equal("users Ada,Bob", world.LastList());
        Assert.Empty(world.HeadOwner());
    }

    [Fact]
    public void A_broken_promise_of_a_port_reaches_the_caller_and_the_book_goes_on()
    {
        world.Gateway.Before = () => throw new InvalidOperationException("bug");
        Assert.Throws<InvalidOperationException>(() => world.Virtual.Run(() => world.Login(book, "a", "Ada")));
        world.Gateway.Before = () => Task.CompletedTask;
        world.Virtual.Run(() => world.Login(book, "b", "Bob"));

        Assert.Equal("users Ada,Bob", world.LastList());
    }
}
