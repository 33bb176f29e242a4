using System.Text.Json;
using ServerlessSync.Core.Datasets.Deciding;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>The ends of a dependency or an assignment, whatever names they have.</summary>
/// <param name="First">The predecessor, or the event.</param>
/// <param name="Second">The successor, or the resource.</param>
/// <param name="IsActive">Whether a dependency takes part in scheduling.</param>
/// <remarks>
/// Read as the clients read it (docs/protocol-facts.md#links): an end is an id of either JSON type, or an object that has one; and of two
/// names for one end the shorter counts, whatever the other says.
/// </remarks>
internal readonly record struct Link(JsonId First, JsonId Second, bool IsActive)
{
    /// <summary>Reads a record's ends. False when one is missing or no id.</summary>
    public static bool TryRead(DataRecord record, out Link link)
    {
        var first = default(End);
        var second = default(End);
        var isActive = true;
        for (var fields = new FieldReader(record.Body.Span); fields.Next();)
        {
            switch (FieldNames.SideOf(fields.Name))
            {
                case LinkSide.From or LinkSide.Event:
                    first.Offer(fields.Name, fields.Value);
                    break;
                case LinkSide.To or LinkSide.Resource:
                    second.Offer(fields.Name, fields.Value);
                    break;
                default:
                    isActive &= !(
                        fields.Name.SequenceEqual(FieldNames.Active) && fields.Value.SequenceEqual("false"u8)
                    );
                    break;
            }
        }

        link = new Link(first.Id, second.Id, isActive);
        return !first.Id.IsEmpty && !second.Id.IsEmpty;
    }

    /// <summary>The id that the value of an end means; empty when it means none.</summary>
    public static JsonId IdOf(ReadOnlySpan<byte> value)
    {
        if (value[0] != (byte)'{')
        {
            return RawText.TryReadId(value, out var id) ? id : default;
        }

        var reader = new Utf8JsonReader(value, new JsonReaderOptions { MaxDepth = DatasetLimits.DepthMax });
        using var end = JsonDocument.ParseValue(ref reader);
        return ChangePart.TryReadId(end.RootElement, FieldNames.Id, out var within) ? within : default;
    }

    /// <summary>The value of the best name of an end so far.</summary>
    private struct End
    {
        private int _rank;

        public JsonId Id { get; private set; }

        public void Offer(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
        {
            var rank = FieldNames.RankOf(name);
            if (rank > _rank && !value.SequenceEqual("null"u8))
            {
                (_rank, Id) = (rank, IdOf(value));
            }
        }
    }
}
