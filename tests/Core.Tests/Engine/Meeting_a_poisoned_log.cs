using System.Text;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Engine;

public sealed class Meeting_a_poisoned_log
{
    [Fact]
    public void The_project_can_be_read_as_it_was_and_not_be_changed() =>
        Play(
            AppendUnknownKindAsync,
            async (world, one, two) =>
            {
                Assert.IsType<EventReply.Unavailable>(await two.DeliverAsync(50, Load));
                Assert.IsType<EventReply.Done>(await two.DeliverAsync(50, Load));
                Assert.Equal(1, two.LastDataset.GetProperty("revision").GetInt64());
                Assert.Equal("good", NameIn(two));

                Assert.IsType<EventReply.Done>(await one.RenameAsync(1, "more"));
                Assert.Contains("read-only until it is repaired: revision 2", Error(one), StringComparison.Ordinal);
                Assert.Equal("good", NameIn(one));
                Assert.Contains("read-only", TestClient.Body(await one.ResetAsync()), StringComparison.Ordinal);
                Assert.Equal(2, (await HeadAsync(world)).Revision);
                Assert.Equal([1], two.Numbers.Concat(one.Numbers).Distinct());
            }
        );

    [Fact]
    public void An_operator_is_told_once_and_nothing_is_tried_over_and_over() =>
        Play(
            AppendUnknownKindAsync,
            async (world, one, _) =>
            {
                await one.RenameAsync(1, "first");
                var before = world.Store.Transactions;
                await world.Time.PassAsync(TimeSpan.FromMinutes(4));
                for (var edit = 0; edit < 10; edit++)
                {
                    await one.RenameAsync(1, $"{edit}");
                }

                Assert.Equal([2], world.Observer.Quarantined);
                Assert.Equal(before, world.Store.Transactions);
                Assert.Empty(world.Observer.Failures);
            }
        );

    [Fact]
    public void A_commit_that_cannot_be_unpacked_is_as_bad() =>
        Play(
            AppendRubbishAsync,
            async (world, one, _) =>
            {
                await one.RenameAsync(1, "first");
                await one.RenameAsync(1, "second");

                Assert.Equal([2], world.Observer.Quarantined);
                Assert.Equal("good", NameIn(one));
            }
        );

    [Fact]
    public void Another_project_is_not_concerned() =>
        Play(
            AppendUnknownKindAsync,
            async (world, one, two) =>
            {
                await one.RenameAsync(1, "first");
                await world.Catalog.CreateAsync(
                    new ProjectId(JsonId.Of(2)),
                    "Other",
                    "{}"u8.ToArray(),
                    Model.AccessList.OpenToEdit,
                    CancellationToken.None
                );
                Assert.IsType<EventReply.Done>(
                    await two.SendAsync("""{"command":"dataset","data":{"project":2}}""")
                );
                Assert.Equal("dataset", two.Commands[^1]);
            }
        );

    private const string Load = """{"command":"dataset","data":{"project":1}}""";

    private static void Play(Func<World, Task> poison, Func<World, TestClient, TestClient, Task> scenario) =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var one = await world.JoinAsync("Hugo");
                    await one.RenameAsync(1, "good");
                    await world.RestartAsync(0);
                    await poison(world);
                    var two = world.Open("Ines");
                    await two.LoginAsync();
                    await scenario(world, one, two);
                }
            )
        );

    private static async Task AppendUnknownKindAsync(World world)
    {
        var log = new ProjectLog(world.Store, World.Project);
        var head = (await log.ReadHeadAsync(CancellationToken.None))!;
        var entry = new LogEntry(
            head.Value.Revision + 1,
            (EntryKind)9,
            new Origin("later", new ConnectionId("c99"), 1),
            "null",
            Client: null,
            Session: null,
            ConflictResolutionFor: null,
            Encoding.UTF8.GetBytes("{}"),
            Cut: false
        );
        var next = head.Value with { Revision = entry.Revision };
        await log.WriteAsync(head, next, new Commit("poison", world.Time.GetUtcNow(), [entry]), CancellationToken.None);
    }

    private static async Task AppendRubbishAsync(World world)
    {
        await AppendUnknownKindAsync(world);
        var key = RowKeys.Commit(2);
        var row = (await world.Store.GetAsync(TableName.Data, World.Project.Key, key, CancellationToken.None))!;
        var properties = new Dictionary<string, TableValue>(row.Properties, StringComparer.Ordinal)
        {
            ["p00"] = new byte[] { 1, 2, 3 },
        };
        await world.Store.SubmitAsync(
            TableName.Data,
            World.Project.Key,
            [new TableAction.Replace(key, properties, row.ETag)],
            CancellationToken.None
        );
    }

    private static async Task<Head> HeadAsync(World world) =>
        (await new ProjectLog(world.Store, World.Project).ReadHeadAsync(CancellationToken.None))!.Value;

    private static string NameIn(TestClient client) =>
        client.LastDataset.GetProperty("dataset").GetProperty("tasksData")[0].GetProperty("name").GetString()!;

    private static string Error(TestClient client) =>
        client.Frames.Last(static frame => frame.TryGetProperty("error", out _)).GetProperty("error").GetString()!;
}
