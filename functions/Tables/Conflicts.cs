using System.Diagnostics;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables;

/// <summary>Azure's rules for conflicts, for the stores that decide them themselves.</summary>
internal static class Conflicts
{
    /// <summary>
    /// The reason why an action conflicts with the current ETag of its row (null: no row); null when it can be applied.
    /// </summary>
    public static ConflictReason? Of(TableAction action, ETag? current) =>
        action switch
        {
            TableAction.Insert => current is null ? null : ConflictReason.Exists,
            TableAction.Replace replace => OfConditional(replace.IfMatch, current),
            TableAction.Upsert => null,
            TableAction.Delete delete => OfConditional(delete.IfMatch, current),
            _ => throw new UnreachableException(),
        };

    private static ConflictReason? OfConditional(ETag? ifMatch, ETag? current)
    {
        if (current is null)
        {
            return ConflictReason.Missing;
        }

        return ifMatch is null || ifMatch == current ? null : ConflictReason.Stale;
    }
}
