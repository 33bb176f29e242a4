using System.Runtime.CompilerServices;
using System.Text;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Tests.Presence;

/// <summary>Groups and the received messages of every connection, in memory.</summary>
internal sealed class PresenceGateway : IClientGateway
{
    private readonly Dictionary<GroupName, List<ConnectionId>> groups = [];
    private readonly Dictionary<ConnectionId, List<string>> inboxes = [];

    /// <summary>Awaited before a send takes effect: delays.</summary>
    public Func<Task> Before { get; set; } = () => Task.CompletedTask;

    /// <summary>Called for every send: a failure that prevents its delivery.</summary>
    public Func<string, GatewayException?> Fail { get; set; } = _ => null;

    /// <summary>Awaited while a listing runs.</summary>
    public Func<Task> WhileListing { get; set; } = () => Task.CompletedTask;

    /// <summary>Members that a listing leaves out.</summary>
    public HashSet<ConnectionId> Hidden { get; } = [];

    /// <summary>All delivered messages of all connections, in order.</summary>
    public List<string> Sent { get; } = [];

    public IReadOnlyList<string> Inbox(string connection) =>
        inboxes.GetValueOrDefault(new ConnectionId(connection)) ?? [];

    /// <summary>The members of a group, as they are.</summary>
    public IReadOnlyList<ConnectionId> Members(GroupName group) => groups.GetValueOrDefault(group) ?? [];

    /// <summary>Adds a connection to the group, as a caller does before it enters a user.</summary>
    public void Connect(GroupName group, string connection)
    {
        if (!groups.TryGetValue(group, out var members))
        {
            groups[group] = members = [];
        }

        if (!members.Contains(new ConnectionId(connection)))
        {
            members.Add(new ConnectionId(connection));
        }
    }

    /// <summary>Drops the connection without an event.</summary>
    public void Drop(string connection)
    {
        foreach (var members in groups.Values)
        {
            members.Remove(new ConnectionId(connection));
        }
    }

    public async Task SendToGroupAsync(
        GroupName group,
        ReadOnlyMemory<byte> message,
        Audience audience,
        CancellationToken cancellationToken
    )
    {
        var text = Encoding.UTF8.GetString(message.Span);
        await Before();
        if (Fail(text) is { } failure)
        {
            throw failure;
        }

        Sent.Add(text);
        foreach (var member in Members(group))
        {
            var isMeant = audience switch
            {
                Audience.Except except => !except.Connections.Contains(member),
                Audience.Only only => only.Connection == member,
                _ => true,
            };
            if (isMeant)
            {
                if (!inboxes.TryGetValue(member, out var inbox))
                {
                    inboxes[member] = inbox = [];
                }

                inbox.Add(text);
            }
        }
    }

    public Task<bool> AddToGroupAsync(GroupName group, ConnectionId connection, CancellationToken cancellationToken)
    {
        Connect(group, connection.Value);
        return Task.FromResult(true);
    }

    public Task RemoveFromGroupAsync(GroupName group, ConnectionId connection, CancellationToken cancellationToken)
    {
        groups.GetValueOrDefault(group)?.Remove(connection);
        return Task.CompletedTask;
    }

    public Task MoveGroupAsync(IReadOnlyList<GroupName> from, GroupName to, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Presence moves no groups.");

    public Task<bool> ConnectionExistsAsync(ConnectionId connection, CancellationToken cancellationToken) =>
        Task.FromResult(groups.Values.Any(members => members.Contains(connection)));

    public Task CloseConnectionAsync(ConnectionId connection, string reason, CancellationToken cancellationToken)
    {
        Drop(connection.Value);
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<ConnectionId> ListGroupAsync(
        GroupName group,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await WhileListing();
        foreach (var member in Members(group).Where(member => !Hidden.Contains(member)).ToList())
        {
            yield return member;
        }
    }
}
