using ServerlessSync.Core.Model;
using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Tests.Presence;

/// <summary>One store, one gateway, one clock, and as many instances as a test wants.</summary>
internal sealed class PresenceWorld
{
    private long books;

    public VirtualRun Virtual { get; } = new();
    public FakeTableStore Store { get; } = new();
    public PresenceGateway Gateway { get; } = new();
    public RecordingPresenceObserver Observer { get; } = new();
    public PresenceScope Scope { get; } = PresenceScope.Everyone;

    public PresenceTracker NewBook(ProcessLife? life = null) =>
        new(
            life is null ? Store : new MortalStore(Store, life),
            life is null ? Gateway : new MortalGateway(Gateway, life),
            new PlainDialect(),
            Virtual.Time,
            new SeededIds(++books),
            Scope,
            options: null,
            Observer
        );

    /// <summary>What the server does for a login: adds to the group, then to presence.</summary>
    public async Task Login(PresenceTracker book, string connection, string userName)
    {
        Gateway.Connect(Scope.Group, connection);
        await book.EnterAsync(new ConnectionId(connection), userName, CancellationToken.None);
    }

    /// <summary>What the server does when a connection ends.</summary>
    public async Task Logout(PresenceTracker book, string connection)
    {
        Gateway.Drop(connection);
        await book.LeaveAsync(new ConnectionId(connection), CancellationToken.None);
    }

    public long HeadNumber(string property) =>
        Store.Peek(TableName.Presence, Scope.Partition, "head")?.GetInt64(property) ?? 0;

    public string HeadOwner() => Store.Peek(TableName.Presence, Scope.Partition, "head")?.GetString("owner") ?? string.Empty;

    public bool HasRow(string connection) =>
        Store.Peek(TableName.Presence, Scope.Partition, $"c-s{connection}") is not null;

    /// <summary>The last list that was sent to any client.</summary>
    public string LastList() => Gateway.Sent.Last(text => text.StartsWith("users ", StringComparison.Ordinal));

    public int Lists() => Gateway.Sent.Count(text => text.StartsWith("users ", StringComparison.Ordinal));
}
