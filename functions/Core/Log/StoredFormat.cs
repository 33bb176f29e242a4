using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Log;

/// <summary>
/// The format version that every row carries, so that old and new code can share a log during an upgrade.
/// </summary>
internal static class StoredFormat
{
    /// <summary>Throws <see cref="NewerFormatException"/> for a row that newer code wrote.</summary>
    public static void Check(TableRow row, long known)
    {
        var format = row.GetInt64("format") ?? 0;
        if (format > known)
        {
            throw new NewerFormatException(
                $"Row '{row.RowKey}' of project '{row.PartitionKey}' has format {format}; this version knows up to {known}. "
                    + "Finish the upgrade of all instances."
            );
        }
    }
}
