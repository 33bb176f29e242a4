using System.Collections.Frozen;
using ServerlessSync.PubSubEmulator.Filters;

namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>Whom of a scope an operation concerns.</summary>
/// <param name="Excluded">Ids of connections that it does not concern.</param>
/// <param name="Filter">The condition; null for none.</param>
internal sealed record RecipientFilter(IReadOnlySet<string> Excluded, Filter? Filter)
{
    /// <summary>Everybody.</summary>
    public static readonly RecipientFilter None = new(FrozenSet<string>.Empty, null);

    /// <summary>Whether it concerns a connection.</summary>
    public bool Includes(ClientConnection connection) =>
        !(Excluded.Count > 0 && Excluded.Contains(connection.Id)) && Filter?.Includes(connection) is not false;
}
