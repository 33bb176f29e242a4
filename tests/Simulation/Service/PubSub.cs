using ServerlessSync.Core.Model;

namespace ServerlessSync.Simulation.Service;

/// <summary>Web PubSub itself: connections and groups as they are, without the ways to it.</summary>
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

    /// <summary>Whether its data plane answers nobody.</summary>
    public bool IsDown => !world.Faults.IsResynced && world.Time.Elapsed < downUntil;

    /// <summary>How long that goes on.</summary>
    public TimeSpan DownFor => IsDown ? downUntil - world.Time.Elapsed : TimeSpan.Zero;

    public void GoDown(TimeSpan time)
    {
        world.Trace.Note($"the service cannot be reached for {time.TotalSeconds:F1} s");
        downUntil = world.Time.Elapsed + world.Faults.Take(time);
    }

    public bool Exists(ConnectionId connection) => sockets.ContainsKey(connection);

    /// <summary>A connection that is there.</summary>
    public Socket? Find(ConnectionId connection) => sockets.GetValueOrDefault(connection);

    /// <summary>When a connection ended; null while it is there.</summary>
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
        world.Trace.Note($"nobody is left in {from[0]}..");
        foreach (var group in from)
        {
            Ensure(group).Clear();
        }
    }

    /// <summary>Hands a frame to those who are in the group now.</summary>
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

    /// <summary>The service closes a connection; its client sees that.</summary>
    public void Close(ConnectionId connection)
    {
        if (sockets.TryGetValue(connection, out var socket))
        {
            socket.Drop();
        }
    }

    /// <summary>A connection is no more.</summary>
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
