using ServerlessSync.PubSubEmulator.Connections;

namespace ServerlessSync.PubSubEmulator;

/// <summary>
/// The broker: open connections, their groups, and sends to them. One lock makes membership changes and sends atomic to
/// each other. It is held for bookkeeping only: a send adds one shared frame to the queues of its receivers, and each
/// connection's writer does the rest.
/// </summary>
public sealed class PubSubService
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, ClientConnection> connections = new(StringComparer.Ordinal);
    private readonly ConnectionIndex groups = new();
    private readonly ConnectionIndex users = new();
    private readonly PubSubLimits limits;

    /// <summary>Creates a broker without connections.</summary>
    public PubSubService(PubSubOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        limits = options.Limits;
    }

    /// <summary>The number of open connections.</summary>
    public int ConnectionCount
    {
        get
        {
            lock (gate)
            {
                return connections.Count;
            }
        }
    }

    /// <summary>Opens a connection and adds it to its first groups. False when there are too many connections.</summary>
    internal bool TryOpen(ClientConnection connection, IEnumerable<string> firstGroups)
    {
        lock (gate)
        {
            if (connections.Count >= limits.ConnectionsMax)
            {
                return false;
            }

            connections.Add(connection.Id, connection);
            if (connection.UserId is not null)
            {
                users.Add(connection.UserId, connection);
            }

            foreach (var group in firstGroups)
            {
                Join(connection, group);
            }

            return true;
        }
    }

    /// <summary>Removes a connection and its memberships.</summary>
    internal void Forget(ClientConnection connection)
    {
        lock (gate)
        {
            if (!connections.Remove(connection.Id))
            {
                return;
            }

            if (connection.UserId is not null)
            {
                users.Remove(connection.UserId, connection);
            }

            LeaveAll(connection);
        }
    }

    /// <summary>Sends a frame to the connections in scope, which may be none. Drops receivers that are too slow.</summary>
    internal void Send(Scope scope, RecipientFilter recipients, OutboundFrame frame)
    {
        List<ClientConnection>? slow = null;
        lock (gate)
        {
            foreach (var connection in In(scope))
            {
                if (recipients.Includes(connection) && !connection.TrySend(frame))
                {
                    (slow ??= []).Add(connection);
                }
            }
        }

        slow?.ForEach(connection => Close(connection, CloseRequest.SlowClient));
    }

    /// <summary>Closes the connections in scope.</summary>
    internal void Close(Scope scope, RecipientFilter recipients, CloseRequest request)
    {
        foreach (var connection in Select(scope, recipients))
        {
            Close(connection, request);
        }
    }

    /// <summary>Closes one connection: it no longer exists, and its socket follows.</summary>
    internal void Close(ClientConnection connection, CloseRequest request)
    {
        Forget(connection);
        connection.Close(request);
    }

    /// <summary>Adds the connections in scope to groups; returns their number.</summary>
    internal int Join(Scope scope, RecipientFilter recipients, IReadOnlyCollection<string> names)
    {
        lock (gate)
        {
            var members = Select(scope, recipients);
            foreach (var connection in members)
            {
                foreach (var name in names)
                {
                    Join(connection, name);
                }
            }

            return members.Count;
        }
    }

    /// <summary>Removes the connections in scope from groups; null for all groups.</summary>
    internal void Leave(Scope scope, RecipientFilter recipients, IReadOnlyCollection<string>? names)
    {
        lock (gate)
        {
            foreach (var connection in Select(scope, recipients))
            {
                if (names is null)
                {
                    LeaveAll(connection);
                    continue;
                }

                foreach (var name in names)
                {
                    connection.Groups.Remove(name);
                    groups.Remove(name, connection);
                }
            }
        }
    }

    /// <summary>Whether there is a connection in scope.</summary>
    internal bool Exists(Scope scope)
    {
        lock (gate)
        {
            return In(scope).Count > 0;
        }
    }

    /// <summary>The connections in scope, ordered by id.</summary>
    internal IReadOnlyList<ClientConnection> List(Scope scope)
    {
        List<ClientConnection> members;
        lock (gate)
        {
            members = [.. In(scope)];
        }

        members.Sort((left, right) => string.CompareOrdinal(left.Id, right.Id));
        return members;
    }

    /// <summary>
    /// Reads or changes the permissions of a connection; returns <paramref name="whenGone"/> when it does not exist.
    /// </summary>
    internal T WithPermissions<T>(string connectionId, T whenGone, Func<PermissionSet, T> use)
    {
        lock (gate)
        {
            return connections.TryGetValue(connectionId, out var connection) ? use(connection.Permissions) : whenGone;
        }
    }

    private List<ClientConnection> Select(Scope scope, RecipientFilter recipients)
    {
        lock (gate)
        {
            return [.. In(scope).Where(recipients.Includes)];
        }
    }

    private IReadOnlyCollection<ClientConnection> In(Scope scope) =>
        scope switch
        {
            Scope.Group group => groups.Of(group.Name),
            Scope.User user => users.Of(user.Id),
            Scope.Connection one => connections.TryGetValue(one.Id, out var connection) ? [connection] : [],
            Scope.GroupMember one => connections.TryGetValue(one.ConnectionId, out var member)
            && member.Groups.Contains(one.Name)
                ? [member]
                : [],
            _ => connections.Values,
        };

    private void Join(ClientConnection connection, string name)
    {
        connection.Groups.Add(name);
        groups.Add(name, connection);
    }

    private void LeaveAll(ClientConnection connection)
    {
        foreach (var name in connection.Groups)
        {
            groups.Remove(name, connection);
        }

        connection.Groups.Clear();
    }
}
