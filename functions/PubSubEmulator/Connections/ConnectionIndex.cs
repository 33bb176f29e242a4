namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>Connections by the names of their groups or users. A name exists while it has a connection. Not thread-safe.</summary>
internal sealed class ConnectionIndex
{
    private static readonly IReadOnlyCollection<ClientConnection> Nobody = [];

    private readonly Dictionary<string, HashSet<ClientConnection>> byName = new(StringComparer.Ordinal);

    /// <summary>The connections under a name.</summary>
    public IReadOnlyCollection<ClientConnection> Of(string name) =>
        byName.TryGetValue(name, out var connections) ? connections : Nobody;

    /// <summary>Puts a connection under a name.</summary>
    public void Add(string name, ClientConnection connection)
    {
        if (!byName.TryGetValue(name, out var connections))
        {
            byName[name] = connections = [];
        }

        connections.Add(connection);
    }

    /// <summary>Takes a connection from under a name.</summary>
    public void Remove(string name, ClientConnection connection)
    {
        if (byName.TryGetValue(name, out var connections) && connections.Remove(connection) && connections.Count == 0)
        {
            byName.Remove(name);
        }
    }
}
