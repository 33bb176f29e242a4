using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Sessions;
using ServerlessSync.Protocol;
using ServerlessSync.Support.Time;
using ServerlessSync.Tables.Memory;

namespace ServerlessSync.Core.Tests.Engine;

/// <summary>
/// Joins are served side by side, on real threads: what the engine notes about them must not get lost between two of them. Virtual
/// time has one thread and cannot show that.
/// </summary>
public sealed class Letting_a_crowd_in
{
    /// <summary>Enough for two answers to meet in one instruction several times on two processors.</summary>
    private const int Rounds = 5_000;

    private const int Crowd = 16;

    /// <summary>Nothing takes this long; it turns an answer that never comes into a failure.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Everybody_who_comes_at_the_same_time_is_answered()
    {
        var project = new ProjectId(JsonId.Of(1));
        var store = new MemoryTableStore();
        var ids = new RandomIdSource();
        await new ProjectCatalog(store, ids).CreateAsync(
            project,
            "Crowded",
            "{}"u8.ToArray(),
            AccessList.OpenToEdit,
            TestContext.Current.CancellationToken
        );
        var services = new EngineDependencies(
            store,
            new CrowdedGateway(),
            new BryntumDialect(),
            TimeProvider.System,
            ids,
            SilentObserver.Instance
        );
        var registry = new SequencerRegistry(services, new SequencerOptions { StateBytesMax = 1 << 30 });
        for (var round = 0; round < Rounds; round++)
        {
            var joins = Enumerable
                .Range(0, Crowd)
                .Select(number => new Origin($"u{number}", new ConnectionId($"c{round}-{number}"), 1))
                .Select(origin => registry.JoinAsync(project, origin, TimeProvider.System.GetUtcNow(), live: false));
            var outcomes = await Task.WhenAll(joins).WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken);
            Assert.All(outcomes, static outcome => Assert.IsType<ProjectOutcome.Done>(outcome));
        }

        await registry.DrainAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_change_does_not_wait_until_the_whole_crowd_is_in() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    var editor = await world.JoinAsync("Hugo");
                    var crowd = Enumerable.Range(1, 600).Select(number => world.Open($"u{number}")).ToList();
                    await Task.WhenAll(crowd.Select(static client => client.LoginAsync()));
                    world.Gateway.Latency = TimeSpan.FromMilliseconds(40);

                    var started = time.Elapsed;
                    var joins = Task.WhenAll(crowd.Select(static client => client.LoadAsync()));
                    await time.PassAsync(TimeSpan.FromMilliseconds(500));
                    var asked = time.Elapsed;
                    await editor.RenameAsync(1, "meanwhile");
                    var waited = time.Elapsed - asked;
                    Assert.All(await joins, static reply => Assert.IsType<EventReply.Done>(reply));

                    Assert.InRange(waited, TimeSpan.Zero, TimeSpan.FromSeconds(1));
                    Assert.True(time.Elapsed - started > TimeSpan.FromSeconds(3), "The crowd did not take long enough to show anything.");
                }
            )
        );

    /// <summary>Answers every call on another thread, like a network.</summary>
    private sealed class CrowdedGateway : IClientGateway
    {
        public async Task SendToGroupAsync(
            GroupName group,
            ReadOnlyMemory<byte> message,
            Audience audience,
            CancellationToken cancellationToken
        ) => await Task.Yield();

        public async Task<bool> AddToGroupAsync(GroupName group, ConnectionId connection, CancellationToken cancellationToken)
        {
            await Task.Yield();
            return true;
        }

        public async Task RemoveFromGroupAsync(GroupName group, ConnectionId connection, CancellationToken cancellationToken) =>
            await Task.Yield();

        public async Task MoveGroupAsync(IReadOnlyList<GroupName> from, GroupName to, CancellationToken cancellationToken) =>
            await Task.Yield();

        public Task<bool> ConnectionExistsAsync(ConnectionId connection, CancellationToken cancellationToken) =>
            Task.FromResult(true);

        public Task CloseConnectionAsync(ConnectionId connection, string reason, CancellationToken cancellationToken) =>
            Task.CompletedTask;

        public IAsyncEnumerable<ConnectionId> ListGroupAsync(GroupName group, CancellationToken cancellationToken) =>
            AsyncEnumerable.Empty<ConnectionId>();
    }
}
