using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Maintenance;
using ServerlessSync.Core.Model;
using ServerlessSync.Local.Hosting;
using ServerlessSync.Protocol;
using ServerlessSync.Soak.Checks;
using ServerlessSync.Soak.Clients;
using ServerlessSync.Soak.Processes;
using ServerlessSync.Support.Emulator;
using ServerlessSync.Tables.Azure;

namespace ServerlessSync.EndToEnd.Running;

/// <summary>Four processes of the product on one table account (its emulator), of which one is killed again and again.</summary>
public sealed class Sharing_tables_between_processes
{
    private const int Processes = 4;
    private const int Editors = 12;
    private const int Edits = 2_000;
    private const int Kills = 6;
    private const int Seed = 20_261;

    /// <summary>Anything that takes longer never ends: the whole test takes half a minute.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task Nothing_is_lost_or_accepted_twice_whichever_process_is_killed()
    {
        await using var azurite = await AzuriteFixture.StartAsync(TestContext.Current.CancellationToken);
        Assert.SkipWhen(azurite.Unavailable is not null, azurite.Unavailable ?? string.Empty);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        await using var fleet = await Fleet.StartAsync(
            Processes,
            ["--storage", azurite.ConnectionString],
            faults: null,
            patience.Token
        );
        using var crowd = new Crowd(fleet.SocketUrl, "1", Editors, Edits, cutShare: 1.0 / 1_000, Seed, TimeProvider.System)
        {
            Window = 12,
        };

        var editing = crowd.EditAsync(patience.Token);
        await Task.WhenAll(editing, KillAsync(fleet, crowd, patience.Token));
        var loaded = await LoadAsync(crowd, patience.Token);
        await crowd.FollowAsync(loaded.Revision, patience.Token);
        crowd.NoteDataset(loaded.Revision, loaded.View, "a newcomer");

        var store = AzureTableStore.FromConnectionString(azurite.ConnectionString);
        var head = await new LogAudit(store, crowd).RunAsync(patience.Token);
        Assert.True(crowd.Findings.IsClean, $"{crowd.Findings}{Environment.NewLine}{fleet.Output()}");
        Assert.Equal(Edits, crowd.Accepted);

        // Only the editors write, and each edit is one revision.
        Assert.Equal(Edits, head.Revision);
        Assert.Equal(head.Revision, await SweepAsync(store, fleet, patience.Token));
    }

    /// <summary>
    /// Kills a process whenever another share of the edits is acknowledged; each time the others have to continue without
    /// it.
    /// </summary>
    private static async Task KillAsync(Fleet fleet, Crowd crowd, CancellationToken cancellationToken)
    {
#pragma warning disable CA5394 // Repeatable on purpose.
        var random = new Random(Seed);
        for (var kill = 1; kill <= Kills; kill++)
        {
            await crowd.AcceptedAsync(Edits * kill / (Kills + 1)).WaitAsync(cancellationToken);
            await fleet.KillAsync(random.Next(Processes), cancellationToken);
        }
#pragma warning restore CA5394
    }

    private static async Task<(long Revision, View View)> LoadAsync(Crowd crowd, CancellationToken cancellationToken)
    {
        using var reader = new Crowd(crowd.Url, crowd.Project, 1, edits: 0, cutShare: 0, Seed, crowd.Time);
        await reader.EditAsync(cancellationToken);
        return (reader.Editors[0].Revision, reader.Editors[0].View);
    }

    /// <summary>Sweeps like a new instance. Returns the revision that is recorded as published.</summary>
    private static async Task<long> SweepAsync(AzureTableStore store, Fleet fleet, CancellationToken cancellationToken)
    {
        var services = new EngineDependencies(
            store,
            LocalHost.GatewayTo(fleet.Url, TimeProvider.System),
            new BryntumDialect(),
            TimeProvider.System,
            new RandomIdSource(),
            SilentObserver.Instance
        );
        var sequencers = new SequencerRegistry(services, new SequencerOptions());
        await new Sweeper(services, sequencers, new SweepOptions()).SweepAsync(cancellationToken);
        await sequencers.DrainAsync(cancellationToken);
        var head = await new ProjectLog(store, new ProjectId(JsonId.Of(1))).ReadHeadAsync(cancellationToken);
        return head!.Value.Published;
    }
}
