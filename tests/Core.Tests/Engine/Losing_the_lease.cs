using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Engine;

public sealed class Losing_the_lease
{
    private const string Load = """{"command":"dataset","data":{"project":1}}""";

    [Fact]
    public void A_join_that_stood_still_before_it_let_anybody_in_shows_nothing_old_when_it_goes_on() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var other = await world.JoinAsync("Ines", instance: 1);
                    var client = world.Open("Hugo");
                    await client.LoginAsync();
                    world.GateOf(0).Hold();
                    var frozen = client.DeliverAsync(7, Load);
                    await time.PassAsync(TimeSpan.FromMilliseconds(100));

                    client.Instance = 1;
                    Assert.IsType<EventReply.Done>(await client.DeliverAsync(7, Load));
                    await other.RenameAsync(1, "x");
                    await other.RenameAsync(1, "y");
                    world.GateOf(0).Open();
                    await frozen;
                    await time.PassAsync(TimeSpan.FromSeconds(10));
                    await other.RenameAsync(1, "z");

                    Assert.Equal([1, 2, 3], client.Numbers);
                    Assert.Equal(Shown(client).Order(), Shown(client));
                },
                instances: 2
            )
        );

    [Fact]
    public void A_release_that_was_given_up_is_not_carried_out_under_what_is_done_next() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var client = await world.JoinAsync("Hugo");
                    var faults = new Queue<StoreFault>([StoreFault.LateRequest]);
                    world.Store.BeforeSubmit = actions =>
                    {
                        if (!IsRelease(actions) || !faults.TryDequeue(out var fault))
                        {
                            return Task.FromResult<StoreFault?>(null);
                        }

                        // Whatever is done after it takes until it may have arrived.
                        world.GateOf(0).Hold();
                        return Task.FromResult<StoreFault?>(fault);
                    };

                    // Refused, so that its dataset is due while the release between its steps is in doubt.
                    var refused = client.ChangeAsync("""{"tasks":{"added":"none"}}""");
                    await time.PassAsync(TimeSpan.FromSeconds(4));
                    world.GateOf(0).Open();
                    await refused;

                    Assert.IsType<TransactionResult.Conflict>(Assert.Single(await world.Store.LateResultsAsync()));
                }
            )
        );

    /// <summary>The revisions that its page was at, one after the other.</summary>
    private static List<long> Shown(TestClient client)
    {
        var shown = new List<long>();
        foreach (var frame in client.Frames.Where(static frame => frame.TryGetProperty("data", out _)))
        {
            var data = frame.GetProperty("data");
            if (data.TryGetProperty("dataset", out _))
            {
                shown.Add(data.GetProperty("revision").GetInt64());
            }
            else if (data.TryGetProperty("revisions", out var revisions))
            {
                shown.AddRange(revisions.EnumerateArray().Select(static revision => revision.GetProperty("revision").GetInt64()));
            }
        }

        return shown;
    }

    private static bool IsRelease(IReadOnlyList<TableAction> actions) =>
        actions is [TableAction.Replace { RowKey: RowKeys.Head } head]
        && Head.FromRow(new TableRow(World.Project.Key, RowKeys.Head, new ETag("sent"), head.Properties)).LeaseIsFree;
}
