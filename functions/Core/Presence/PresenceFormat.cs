using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Presence;

/// <summary>
/// The format version of presence rows, so that old and new code can share the table during an upgrade.
/// </summary>
internal static class PresenceFormat
{
    public const string Property = "format";
    public const long Version = 1;

    /// <summary>Refuses a row that newer code wrote, because this code would misread it.</summary>
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
