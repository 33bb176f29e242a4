using System.Collections.Frozen;
using ServerlessSync.Local.PubSub.Filters;

namespace ServerlessSync.Local.PubSub.Connections;

/// <summary>Whom of a scope an operation concerns.</summary>
/// <param name="Excluded">Ids of connections that it does not concern.</param>
/// <param name="Filter">The condition; null for none.</param>
internal sealed record Narrowing(IReadOnlySet<string> Excluded, Filter? Filter)
{
    /// <summary>Everybody.</summary>
    public static readonly Narrowing None = new(FrozenSet<string>.Empty, null);

    /// <summary>Whether it concerns a connection.</summary>
    public bool Includes(ClientConnection connection) =>
        !(Excluded.Count > 0 && Excluded.Contains(connection.Id)) && Filter?.Includes(connection) is not false;
}
