using System.Text.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Simulation.Performance;

/// <summary>Web PubSub itself: who is in which group, and frames to those who are.</summary>
internal sealed class LoadService(LoadWorld world)
{
    /// <summary>Web PubSub bills traffic to clients in increments of 2 KB.</summary>
    private const int BilledBytes = 2048;

    private readonly Dictionary<ConnectionId, LoadClient> clients = [];
    private readonly Dictionary<GroupName, SortedSet<int>> groups = [];

    public void Connect(LoadClient client) => clients.Add(client.Connection, client);

    public void Add(GroupName group, ConnectionId connection) => Ensure(group).Add(clients[connection].Number);

    public void Remove(GroupName group, ConnectionId connection) => Ensure(group).Remove(clients[connection].Number);

    public void AddAll(IReadOnlyList<GroupName> from, GroupName to)
    {
        foreach (var group in from)
        {
            Ensure(to).UnionWith(Ensure(group));
        }
    }

    public void RemoveAll(IReadOnlyList<GroupName> from)
    {
        foreach (var group in from)
        {
            Ensure(group).Clear();
        }
    }

    public IReadOnlyList<ConnectionId> Members(GroupName group) =>
        groups.TryGetValue(group, out var members) ? [.. members.Select(number => world.Clients[number].Connection)] : [];

    public void Deliver(GroupName group, ReadOnlyMemory<byte> message, Audience audience)
    {
        var frame = LoadFrame.Read(message);
        foreach (var number in Ensure(group))
        {
            var client = world.Clients[number];
            var concerned = audience switch
            {
                Audience.Only only => only.Connection == client.Connection,
                Audience.Except except => !except.Connections.Contains(client.Connection),
                _ => throw new InvalidOperationException("An unknown audience."),
            };
            if (concerned)
            {
                world.Counts.Frames++;
                world.Counts.FrameUnits += (message.Length + BilledBytes - 1) / BilledBytes;
                client.Push(frame);
            }
        }
    }

    private SortedSet<int> Ensure(GroupName group)
    {
        if (!groups.TryGetValue(group, out var members))
        {
            groups[group] = members = [];
        }

        return members;
    }
}

/// <summary>A frame, read once for all who get it.</summary>
/// <param name="Command">Its command.</param>
/// <param name="Error">Why something was refused; null when nothing was.</param>
/// <param name="Revision">The revision of a dataset.</param>
/// <param name="Revisions">The revisions of a change, without a hole among them.</param>
internal sealed record LoadFrame(string Command, string? Error, long Revision, IReadOnlyList<LoadRevision> Revisions)
{
    public static LoadFrame Read(ReadOnlyMemory<byte> message)
    {
        using var document = JsonDocument.Parse(message);
        var root = document.RootElement;
        var command = root.GetProperty("command").GetString()!;
        if (root.TryGetProperty("error", out var error))
        {
            return new LoadFrame(command, error.GetString(), Revision: 0, []);
        }

        var data = root.GetProperty("data");
        return command switch
        {
            "dataset" => new LoadFrame(command, Error: null, data.GetProperty("revision").GetInt64(), []),
            "project_change" => new LoadFrame(
                command,
                Error: null,
                Revision: 0,
                [.. data.GetProperty("revisions").EnumerateArray().Select(LoadRevision.Read)]
            ),
            _ => new LoadFrame(command, Error: null, Revision: 0, []),
        };
    }
}

/// <summary>One revision of a change.</summary>
internal sealed record LoadRevision(long Number, string Client, string Local)
{
    public static LoadRevision Read(JsonElement revision) =>
        new(
            revision.GetProperty("revision").GetInt64(),
            revision.GetProperty("client").GetString()!,
            revision.GetProperty("localRevision").GetString()!
        );
}
