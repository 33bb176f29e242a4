using System.Text;
using System.Text.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Tests.Engine;

/// <summary>Web PubSub as the engine sees it: connections, groups, and what each connection received, in order.</summary>
internal sealed class FakeGateway(TimeProvider time) : IClientGateway
{
    private readonly Dictionary<ConnectionId, List<string>> inboxes = [];
    private readonly HashSet<ConnectionId> open = [];
    private readonly Dictionary<GroupName, HashSet<ConnectionId>> groups = [];

    /// <summary>How long each call takes.</summary>
    public TimeSpan Latency { get; set; } = TimeSpan.FromMilliseconds(1);

    /// <summary>What happens to a send: null lets it through.</summary>
    public Func<GroupName, string, SendFault?> OnSend { get; set; } = static (_, _) => null;

    public int Sends { get; private set; }

    /// <summary>About which connections the service answers no question.</summary>
    public Func<ConnectionId, bool>? IsDoubtful { get; set; }

    /// <summary>How often it was asked whether a connection is there.</summary>
    public int Questions { get; private set; }

    private void Doubt(ConnectionId connection)
    {
        if (IsDoubtful?.Invoke(connection) is true)
        {
            throw new GatewayException("too many questions");
        }
    }

    /// <summary>How many of the next calls that close a connection fail, without effect.</summary>
    public int FailingCloses { get; set; }

    /// <summary>Why a connection was closed last.</summary>
    public string? Reason { get; private set; }

    public ConnectionId Open(string name)
    {
        var connection = new ConnectionId(name);
        inboxes.Add(connection, []);
        open.Add(connection);
        return connection;
    }

    public void Close(ConnectionId connection)
    {
        open.Remove(connection);
        foreach (var members in groups.Values)
        {
            members.Remove(connection);
        }
    }

    /// <summary>The body of an event's answer: arrives after everything that was sent before it.</summary>
    public void Reply(ConnectionId connection, string frame)
    {
        if (IsOpen(connection))
        {
            inboxes[connection].Add(frame);
        }
    }

    public bool IsOpen(ConnectionId connection) => open.Contains(connection);

    public IReadOnlyList<string> Received(ConnectionId connection) => inboxes[connection];

    public IReadOnlyCollection<ConnectionId> Members(GroupName group) => groups.GetValueOrDefault(group) ?? [];

    public void Deliver(GroupName group, string frame, Audience audience)
    {
        foreach (var member in Members(group))
        {
            var concerned = audience switch
            {
                Audience.Only only => only.Connection == member,
                Audience.Except except => !except.Connections.Contains(member),
                _ => throw new InvalidOperationException(),
            };
            if (concerned)
            {
                inboxes[member].Add(frame);
            }
        }
    }

    public async Task SendToGroupAsync(
        GroupName group,
        ReadOnlyMemory<byte> message,
        Audience audience,
        CancellationToken cancellationToken
    )
    {
        Assert.True(message.Length <= GatewayLimits.MessageBytesMax, "over the service's limit");
        var frame = Encoding.UTF8.GetString(message.Span);
        using (JsonDocument.Parse(frame)) { }
        Sends++;
        await Task.Delay(Latency, time, cancellationToken);
        switch (OnSend(group, frame))
        {
            case SendFault.Lost:
                throw new GatewayException("the send was lost");
            case SendFault.DeliveredButFailed:
                Deliver(group, frame, audience);
                throw new GatewayException("the answer was lost");
            default:
                Deliver(group, frame, audience);
                break;
        }
    }

    public async Task<bool> AddToGroupAsync(GroupName group, ConnectionId connection, CancellationToken cancellationToken)
    {
        await Task.Delay(Latency, time, cancellationToken);
        return IsOpen(connection) && (Ensure(group).Add(connection) || true);
    }

    public async Task RemoveFromGroupAsync(GroupName group, ConnectionId connection, CancellationToken cancellationToken)
    {
        await Task.Delay(Latency, time, cancellationToken);
        Ensure(group).Remove(connection);
    }

    public async Task MoveGroupAsync(IReadOnlyList<GroupName> from, GroupName to, CancellationToken cancellationToken)
    {
        await Task.Delay(Latency, time, cancellationToken);
        foreach (var group in from)
        {
            Ensure(to).UnionWith(Members(group));
        }

        await Task.Delay(Latency, time, cancellationToken);
        foreach (var group in from)
        {
            Ensure(group).Clear();
        }
    }

    public async Task<bool> ConnectionExistsAsync(ConnectionId connection, CancellationToken cancellationToken)
    {
        await Task.Delay(Latency, time, cancellationToken);
        Questions++;
        Doubt(connection);
        return IsOpen(connection);
    }

    public async Task CloseConnectionAsync(ConnectionId connection, string reason, CancellationToken cancellationToken)
    {
        await Task.Delay(Latency, time, cancellationToken);
        if (FailingCloses > 0)
        {
            FailingCloses--;
            throw new GatewayException("the service did not answer");
        }

        Reason = reason;
        Close(connection);
    }

    public async IAsyncEnumerable<ConnectionId> ListGroupAsync(
        GroupName group,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await Task.Delay(Latency, time, cancellationToken);
        foreach (var connection in IsDoubtful is null ? [] : open.Where(connection => group.Value.StartsWith($"e.{connection}.", StringComparison.Ordinal)))
        {
            Doubt(connection);
        }

        foreach (var member in Members(group).ToList())
        {
            yield return member;
        }
    }

    private HashSet<ConnectionId> Ensure(GroupName group)
    {
        if (!groups.TryGetValue(group, out var members))
        {
            groups[group] = members = [];
        }

        return members;
    }
}

internal enum SendFault
{
    Lost,
    DeliveredButFailed,
}
