using ServerlessSync.Core.Identity;

namespace ServerlessSync.Core.Data;

/// <summary>The ends of a dependency or an assignment, whatever names they have.</summary>
/// <param name="First">The predecessor, or the event.</param>
/// <param name="Second">The successor, or the resource.</param>
/// <param name="IsActive">Whether a dependency takes part in scheduling.</param>
internal readonly record struct Link(JsonId First, JsonId Second, bool IsActive)
{
    /// <summary>
    /// Reads a record's ends. False when one is missing, and when two names of one end disagree: then nobody can say
    /// what the clients would make of it.
    /// </summary>
    public static bool TryRead(DataRecord record, out Link link)
    {
        var first = default(JsonId);
        var second = default(JsonId);
        var isActive = true;
        var isClear = true;
        for (var fields = new FieldReader(record.Body.Span); fields.Next(); )
        {
            switch (FieldNames.SideOf(fields.Name))
            {
                case LinkSide.From or LinkSide.Event:
                    isClear &= TrySet(ref first, fields.Value);
                    break;
                case LinkSide.To or LinkSide.Resource:
                    isClear &= TrySet(ref second, fields.Value);
                    break;
                default:
                    isActive &= !(
                        fields.Name.SequenceEqual(FieldNames.Active) && fields.Value.SequenceEqual("false"u8)
                    );
                    break;
            }
        }

        link = new Link(first, second, isActive);
        return isClear && !first.IsEmpty && !second.IsEmpty;
    }

    private static bool TrySet(ref JsonId end, ReadOnlySpan<byte> value)
    {
        if (value.SequenceEqual("null"u8))
        {
            return true;
        }

        if (!RawText.TryReadId(value, out var id) || (!end.IsEmpty && end != id))
        {
            return false;
        }

        end = id;
        return true;
    }
}
