using System.Globalization;
using ServerlessSync.Core.Model;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Engine;

public sealed class Editing_together
{
    [Fact]
    public void A_newcomer_gets_the_dataset_at_its_revision_and_then_every_revision_after_it() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var first = await world.JoinAsync("Hugo");
                    await first.RenameAsync(1, "Plan A");
                    var second = await world.JoinAsync("Ines");
                    await first.RenameAsync(1, "Plan B");

                    Assert.Equal(1, second.LastDataset.GetProperty("revision").GetInt64());
                    Assert.Equal("Plan A", second.LastDataset.GetProperty("dataset").GetProperty("tasksData")[0].GetProperty("name").GetString());
                    Assert.Equal([1, 2], first.Numbers);
                    Assert.Equal([2], second.Numbers);
                }
            )
        );

    [Fact]
    public void Everybody_sees_the_same_numbers_whichever_instance_took_the_change() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var clients = new List<TestClient>();
                    for (var index = 0; index < 8; index++)
                    {
                        clients.Add(await world.JoinAsync($"user{index}", index % 4));
                    }

                    await Task.WhenAll(clients.Select(client => TypeAsync(client, 10)));

                    var expected = Enumerable.Range(1, 80).Select(static number => (long)number);
                    Assert.All(clients, client => Assert.Equal(expected, client.Numbers));
                },
                instances: 4
            )
        );

    [Fact]
    public void Several_revisions_in_one_message_keep_their_order_and_come_back_in_one() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var client = await world.JoinAsync("Hugo");
                    await client.ChangeAsync(
                        """{"tasks":{"updated":[{"id":1,"name":"a"}]}}""",
                        """{"tasks":{"updated":[{"id":1,"name":"b"}]}}""",
                        "{}"
                    );

                    Assert.Equal([1, 2, 3], client.Numbers);
                    Assert.Equal(
                        ["local-1", "local-2", "local-3"],
                        client.Revisions.Select(static revision => revision.GetProperty("localRevision").GetString())
                    );
                    Assert.Equal(1, client.Commands.Count(static command => command == "project_change"));
                }
            )
        );

    [Fact]
    public void Waiting_changes_share_one_transaction() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var clients = new List<TestClient>();
                    for (var index = 0; index < 50; index++)
                    {
                        clients.Add(await world.JoinAsync($"user{index}"));
                    }

                    var before = world.Store.Transactions;
                    await Task.WhenAll(clients.Select(client => TypeAsync(client, 4)));

                    Assert.Equal(200, clients[0].Numbers.Count);
                    Assert.InRange(world.Store.Transactions - before, 4, 12);
                }
            )
        );

    [Theory]
    [InlineData("\"uuid-1\"")]
    [InlineData("7")]
    public void A_client_that_states_an_id_sees_that_id_and_so_do_the_others(string id) =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var other = await world.JoinAsync("Ines");
                    var author = new TestClient(world, world.Gateway.Open("author"), "Hugo") { ClientId = id };
                    await author.LoginAsync();
                    await author.LoadAsync();
                    await author.RenameAsync(1, "x");

                    Assert.Equal(id, author.Revisions[0].GetProperty("client").GetRawText());
                    Assert.Equal(id, other.Revisions[0].GetProperty("client").GetRawText());
                }
            )
        );

    [Fact]
    public void A_client_that_states_no_id_sees_none_on_its_own_revisions_only() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var one = await world.JoinAsync("Hugo");
                    var two = await world.JoinAsync("Ines");
                    var three = await world.JoinAsync("Jo");
                    await Task.WhenAll(one.RenameAsync(1, "a"), two.RenameAsync(1, "b"));

                    AssertClients(one, new() { [one] = null, [two] = "c2" });
                    AssertClients(two, new() { [one] = "c1", [two] = null });
                    AssertClients(three, new() { [one] = "c1", [two] = "c2" });
                    Assert.Equal([1, 2], three.Numbers);

                    void AssertClients(TestClient reader, Dictionary<TestClient, string?> expected)
                    {
                        var seen = reader
                            .Revisions.Select(static revision => revision.TryGetProperty("client", out var id) ? id.GetString() : null)
                            .Order(StringComparer.Ordinal);
                        Assert.Equal(expected.Values.Order(StringComparer.Ordinal), seen);
                    }
                }
            )
        );

    [Fact]
    public void A_reader_of_another_project_receives_nothing() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    await world.Catalog.CreateAsync(
                        new(Model.JsonId.Of("1")),
                        "Text one",
                        "{}"u8.ToArray(),
                        Model.AccessList.OpenToEdit,
                        CancellationToken.None
                    );
                    var editor = await world.JoinAsync("Hugo");
                    var reader = world.Open("Ines");
                    await reader.LoginAsync();
                    await reader.SendAsync("""{"command":"dataset","data":{"project":"1"}}""");
                    await editor.RenameAsync(1, "x");

                    Assert.Empty(reader.Numbers);
                    Assert.Equal("1", reader.LastDataset.GetProperty("project").GetString());
                }
            )
        );

    [Fact]
    public void Loading_another_project_ends_the_subscription_to_the_first() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    await world.Catalog.CreateAsync(
                        new(Model.JsonId.Of(2)),
                        "Two",
                        "{}"u8.ToArray(),
                        Model.AccessList.OpenToEdit,
                        CancellationToken.None
                    );
                    var editor = await world.JoinAsync("Hugo");
                    var wanderer = await world.JoinAsync("Ines");
                    await wanderer.SendAsync("""{"command":"dataset","data":{"project":2}}""");
                    await editor.RenameAsync(1, "x");
                    var refused = await wanderer.RenameAsync(1, "y");

                    Assert.Empty(wanderer.Numbers);
                    Assert.Contains("Subscription to project is required", TestClient.Body(refused), StringComparison.Ordinal);
                }
            )
        );

    private static async Task TypeAsync(TestClient client, int changes)
    {
        for (var change = 0; change < changes; change++)
        {
            var reply = await client.RenameAsync(1, change.ToString(CultureInfo.InvariantCulture));
            Assert.IsType<EventReply.Done>(reply);
        }
    }
}
