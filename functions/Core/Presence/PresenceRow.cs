using System.Collections.Frozen;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Presence;

/// <summary>One logged-in connection.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="UserName">The name that others see.</param>
/// <param name="Entered">When it entered, by the clock of the instance that stored it.</param>
/// <param name="Change">
/// The id of the change that wrote it. It distinguishes the instance's own write, after a lost response, from another
/// one.
/// </param>
/// <param name="Missed">When reconciliation first missed it; null when the last listing contained it.</param>
internal sealed record PresenceRow(
    ConnectionId Connection,
    string UserName,
    DateTimeOffset Entered,
    string Change,
    DateTimeOffset? Missed
)
{
    private const string Prefix = "c-";

    public static RowRange Range { get; } = RowRange.Prefix(Prefix);

    /// <summary>
    /// The row key of a connection. The service generates connection ids, so they may contain any character and are
    /// encoded.
    /// </summary>
    /// <exception cref="ArgumentException">The id is empty or too long to be a key.</exception>
    public static string KeyOf(ConnectionId connection)
    {
        ArgumentException.ThrowIfNullOrEmpty(connection.Value, nameof(connection));
        if (JsonId.IsUsable(connection.Value))
        {
            var key = Prefix + JsonId.Of(connection.Value).ToKey();
            if (key.Length <= PresenceLimits.RowKeyLengthMax)
            {
                return key;
            }
        }

        throw new ArgumentException(
            $"A connection id is text that takes at most {PresenceLimits.RowKeyLengthMax} characters as a row key.",
            nameof(connection)
        );
    }

    public static PresenceRow Read(TableRow row)
    {
        PresenceFormat.Check(row);
        return new PresenceRow(
            new ConnectionId(row.GetString("connection") ?? string.Empty),
            row.GetString("user") ?? string.Empty,
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64("entered") ?? 0),
            row.GetString("change") ?? string.Empty,
            row.GetInt64("missed") is { } missed ? DateTimeOffset.FromUnixTimeMilliseconds(missed) : null
        );
    }

    public IReadOnlyDictionary<string, TableValue> ToProperties()
    {
        var properties = new Dictionary<string, TableValue>(StringComparer.Ordinal)
        {
            [PresenceFormat.Property] = PresenceFormat.Version,
            ["connection"] = Connection.Value,
            ["user"] = UserName,
            ["entered"] = Entered.ToUnixTimeMilliseconds(),
            ["change"] = Change,
        };
        if (Missed is { } missed)
        {
            properties["missed"] = missed.ToUnixTimeMilliseconds();
        }

        return properties.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
