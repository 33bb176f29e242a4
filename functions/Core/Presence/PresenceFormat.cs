using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Presence;

/// <summary>The format version that every row of presence carries, so that old and new code can share a table during an upgrade.</summary>
internal static class PresenceFormat
{
    public const string Property = "format";
    public const long Version = 1;

    /// <summary>Refuses a row that newer code wrote: reading it by old rules would lose what it says.</summary>
    public static void Check(TableRow row)
    {
        var version = row.GetInt64(Property) ?? Version;
        if (version > Version)
        {
            throw new StorageException(
                $"Row '{row.RowKey}' of presence '{row.PartitionKey}' has format {version}; this code knows up to {Version}.",
                outcomeUnknown: false
            );
        }
    }
}
