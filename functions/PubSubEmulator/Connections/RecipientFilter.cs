using System.Collections.Frozen;
using ServerlessSync.PubSubEmulator.Filters;

namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>Restricts an operation to some connections of its scope.</summary>
/// <param name="Excluded">The ids of excluded connections.</param>
/// <param name="Filter">The condition; null for none.</param>
internal sealed record RecipientFilter(IReadOnlySet<string> Excluded, Filter? Filter)
{
    /// <summary>No restriction.</summary>
    public static readonly RecipientFilter None = new(FrozenSet<string>.Empty, null);

    /// <summary>Whether the operation includes a connection.</summary>
    public bool Includes(ClientConnection connection) =>
        !(Excluded.Count > 0 && Excluded.Contains(connection.Id)) && Filter?.Includes(connection) is not false;
}
