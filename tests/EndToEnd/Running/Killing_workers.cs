using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;
using ServerlessSync.Soak.Checks;
using Crowd = ServerlessSync.Soak.Clients.Crowd;

namespace ServerlessSync.EndToEnd.Running;

/// <summary>
/// Two worker processes of the Function App on one table account (its emulator), which are killed in turn (<c>kill -9</c>).
/// </summary>
public sealed class Killing_workers(WorkerServer server)
{
    private const int Workers = 2;
    private const int Editors = 8;
    private const int Edits = 800;
    private const int Kills = 4;
    private const int Seed = 20_262;

    /// <summary>More than one only when storage is too busy to answer within its time-out.</summary>
    private const int TimerRunsMax = 5;

    /// <summary>Anything that takes longer never ends: the whole test takes half a minute.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task Under_load_nothing_is_lost_or_accepted_twice()
    {
        using var folder = new TemporaryFolder();
        await using var host = await server.StartOwnAsync(folder, Workers);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        using var crowd = new Crowd(host.SocketUrl, "1", Editors, Edits, cutShare: 0, Seed, TimeProvider.System);

        await Task.WhenAll(crowd.EditAsync(patience.Token), KillAsync(host, crowd, patience.Token));

        await crowd.FollowAsync(Edits, patience.Token);
        var head = await new LogAudit(host.Store, crowd).RunAsync(patience.Token);
        Assert.True(crowd.Findings.IsClean, $"{crowd.Findings}");
        Assert.Equal((Edits, Edits), (crowd.Accepted, head.Revision));
    }

    [Fact]
    public async Task The_timer_publishes_what_a_killed_worker_had_accepted()
    {
        var id = JsonId.Of("accepted-and-not-sent");
        using var folder = new TemporaryFolder();
        await using var host = await server.StartOwnAsync(folder);
        await using var plan = await host.NewPlanAsync(id);
        var hugo = await plan.OpenAsync("Hugo");
        await hugo.ExpectAsync(await hugo.ChangeAsync(Say.Rename("10", "Accepted")));
        await host.Workers[0].KillWorkerAsync(TestContext.Current.CancellationToken);

        // The state that a process leaves behind when it dies between commit and send.
        var log = new ProjectLog(host.Store, new ProjectId(id));
        var head = (await log.ReadHeadAsync(TestContext.Current.CancellationToken))!;
        Assert.NotNull(await log.WriteAsync(head, head.Value with { Published = 0 }, commit: null, TestContext.Current.CancellationToken));

        var runs = 0;
        do
        {
            // The next run repeats what storage failed in this one.
            Assert.True(runs++ < TimerRunsMax, "not published");
            await host.Workers[0].RunTimerAsync("upkeep", TestContext.Current.CancellationToken);
        } while ((await log.ReadHeadAsync(TestContext.Current.CancellationToken))!.Value.Published == 0);

        var again = Assert.Single((await hugo.NextUncountedAsync()).Revisions);
        Assert.Equal(1, again.GetProperty("revision").GetInt64());
    }

    /// <summary>Kills a worker whenever another share of the edits is acknowledged; the other one continues.</summary>
    private static async Task KillAsync(RunningHost host, Crowd crowd, CancellationToken cancellationToken)
    {
        for (var kill = 1; kill <= Kills; kill++)
        {
            await crowd.AcceptedAsync(Edits * kill / (Kills + 1)).WaitAsync(cancellationToken);
            await host.Workers[kill % Workers].KillWorkerAsync(cancellationToken);
        }
    }
}
