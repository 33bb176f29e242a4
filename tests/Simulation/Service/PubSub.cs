using ServerlessSync.Core.Model;

namespace ServerlessSync.Simulation.Service;

/// <summary>The state of Web PubSub: connections and groups. Faults on the way to it are elsewhere.</summary>
internal sealed class PubSub(World world)
{
    private readonly Dictionary<ConnectionId, Socket> sockets = [];
    private readonly Dictionary<GroupName, HashSet<ConnectionId>> groups = [];
    private readonly Dictionary<ConnectionId, TimeSpan> gone = [];
    private TimeSpan downUntil;
    private int count;

    public IEnumerable<Socket> Open => sockets.Values;

    public Socket Connect(ISocketOwner owner)
    {
        var socket = new Socket(world, new ConnectionId($"c{++count}"), owner);
        sockets.Add(socket.Id, socket);
        return socket;
    }

    /// <summary>Whether its data plane is unreachable.</summary>
    public bool IsDown => !world.Faults.HaveEnded && world.Time.Elapsed < downUntil;

    /// <summary>How long it stays unreachable.</summary>
    public TimeSpan DownFor => IsDown ? downUntil - world.Time.Elapsed : TimeSpan.Zero;

    public void GoDown(TimeSpan time)
    {
        world.Trace.Note($"the service cannot be reached for {time.TotalSeconds:F1} s");
        downUntil = world.Time.Elapsed + world.Faults.Take(time);
    }

    public bool Exists(ConnectionId connection) => sockets.ContainsKey(connection);

    /// <summary>An open connection; null for none.</summary>
    public Socket? Find(ConnectionId connection) => sockets.GetValueOrDefault(connection);

    /// <summary>When a connection ended; null while it is open.</summary>
    public TimeSpan? GoneSince(ConnectionId connection) =>
        gone.TryGetValue(connection, out var moment) ? moment : null;

    public IReadOnlyCollection<ConnectionId> Members(GroupName group) => groups.GetValueOrDefault(group) ?? [];

    public bool Add(GroupName group, ConnectionId connection)
    {
        if (!Exists(connection))
        {
            return false;
        }

        world.Trace.Note($"{connection} is in {group}");
        Ensure(group).Add(connection);
        return true;
    }

    public void Remove(GroupName group, ConnectionId connection)
    {
        if (Ensure(group).Remove(connection))
        {
            world.Trace.Note($"{connection} is out of {group}");
        }
    }

    public void AddAll(IReadOnlyList<GroupName> from, GroupName to)
    {
        world.Trace.Note($"members of {from[0]}.. go to {to}");
        foreach (var group in from)
        {
            Ensure(to).UnionWith(Members(group));
        }
    }

    public void RemoveAll(IReadOnlyList<GroupName> from)
    {
        world.Trace.Note($"the groups from {from[0]} on are empty");
        foreach (var group in from)
        {
            Ensure(group).Clear();
        }
    }

    /// <summary>Sends a frame to the current members of a group.</summary>
    public void Deliver(GroupName group, ReadOnlyMemory<byte> message, Audience audience, int sender)
    {
        if (message.Length > GatewayLimits.MessageBytesMax)
        {
            world.Violate("P8 bounded", $"a frame of {message.Length} bytes was sent");
        }

        world.Trace.Note($"instance {sender} delivers to {group} {Describe(audience)}: {Text(message)}");
        foreach (var member in Members(group).ToList())
        {
            var concerned = audience switch
            {
                Audience.Only only => only.Connection == member,
                Audience.Except except => !except.Connections.Contains(member),
                _ => throw new InvalidOperationException("An unknown audience."),
            };
            if (concerned)
            {
                sockets[member].Push(message);
            }
        }
    }

    /// <summary>Closes a connection; its client is informed.</summary>
    public void Close(ConnectionId connection)
    {
        if (sockets.TryGetValue(connection, out var socket))
        {
            socket.Drop();
        }
    }

    /// <summary>Removes a connection that has ended.</summary>
    public void Forget(ConnectionId connection)
    {
        sockets.Remove(connection);
        gone[connection] = world.Time.Elapsed;
        foreach (var members in groups.Values)
        {
            members.Remove(connection);
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

    private string Describe(Audience audience) =>
        !world.Trace.IsOn
            ? string.Empty
            : audience switch
            {
                Audience.Only only => $"(only {only.Connection})",
                Audience.Except { Connections.Count: > 0 } except => $"(without {string.Join(' ', except.Connections)})",
                _ => string.Empty,
            };

    private string Text(ReadOnlyMemory<byte> message)
    {
        if (!world.Trace.IsOn)
        {
            return string.Empty;
        }

        var text = System.Text.Encoding.UTF8.GetString(message.Span);
        return text.Length > 400 ? text[..400] + "..." : text;
    }
}
