using System.Diagnostics;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables;

/// <summary>Azure's rules for when an action cannot be carried out, for the stores that decide it themselves.</summary>
internal static class Conflicts
{
    /// <summary>Why an action fails on a row with this ETag (null: there is no row), or null when it can be done.</summary>
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
