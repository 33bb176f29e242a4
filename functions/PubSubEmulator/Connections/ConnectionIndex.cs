namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>Connections indexed by group or user name. A name exists while it has a connection. Not thread-safe.</summary>
internal sealed class ConnectionIndex
{
    private static readonly IReadOnlyCollection<ClientConnection> None = [];

    private readonly Dictionary<string, HashSet<ClientConnection>> byName = new(StringComparer.Ordinal);

    /// <summary>The connections of a name.</summary>
    public IReadOnlyCollection<ClientConnection> Of(string name) =>
        byName.TryGetValue(name, out var connections) ? connections : None;

    /// <summary>Adds a connection to a name.</summary>
    public void Add(string name, ClientConnection connection)
    {
        if (!byName.TryGetValue(name, out var connections))
        {
            byName[name] = connections = [];
        }

        connections.Add(connection);
    }

    /// <summary>Removes a connection from a name.</summary>
    public void Remove(string name, ClientConnection connection)
    {
        if (byName.TryGetValue(name, out var connections) && connections.Remove(connection) && connections.Count == 0)
        {
            byName.Remove(name);
        }
    }
}
