using System.Runtime.InteropServices;
using System.Text.Json;
using ServerlessSync.Core.Identity;

namespace ServerlessSync.Core.Data;

/// <summary>
/// Writes a change set with real ids and without what is cut; everything else stays byte for byte, white space between
/// fields excepted.
/// </summary>
internal sealed class ChangeRewriter
{
    private readonly IdAssignment _ids;
    private readonly ChangeCuts _cuts;
    private readonly RawJson _json = new();

    /// <summary>A writer for one change set.</summary>
    public ChangeRewriter(IdAssignment ids, ChangeCuts cuts)
    {
        _ids = ids;
        _cuts = cuts;
    }

    /// <summary>Whether what was written differs from what came in.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>Writes the change set.</summary>
    public byte[] Write(JsonElement changes)
    {
        _json.BeginObject();
        foreach (var part in changes.EnumerateObject())
        {
            _json.Name(JsonMarshal.GetRawUtf8PropertyName(part));
            if (part.NameEquals(StoreNames.Project))
            {
                WriteValue(StoreNames.Project, part.Value, isLink: false);
            }
            else
            {
                WritePart(part.Name, part.Value);
            }
        }

        _json.EndObject();
        return _json.Take();
    }

    private void WritePart(string store, JsonElement part)
    {
        _json.BeginObject();
        foreach (var list in part.EnumerateObject())
        {
            _json.Name(JsonMarshal.GetRawUtf8PropertyName(list));
            if (list.NameEquals(FieldNames.Added))
            {
                WriteAdded(store, list.Value);
            }
            else if (list.NameEquals(FieldNames.Updated))
            {
                WriteUpdated(store, list.Value);
            }
            else if (list.NameEquals(FieldNames.Input))
            {
                WritePart(store, list.Value);
            }
            else
            {
                WriteValue(store, list.Value, isLink: false);
            }
        }

        _json.EndObject();
    }

    private void WriteAdded(string store, JsonElement records)
    {
        _json.BeginArray();
        foreach (var record in records.EnumerateArray())
        {
            var id = _ids.IdOf(store, record);
            if (_cuts.CutsAdded(store, id))
            {
                IsChanged = true;
            }
            else
            {
                WriteNewRecord(store, id, record);
            }
        }

        _json.EndArray();
    }

    private void WriteNewRecord(string store, JsonId id, JsonElement record)
    {
        _json.BeginObject();
        var statesId = ChangePart.TryReadId(record, FieldNames.Id, out var stated) && stated == id;
        if (!statesId && !id.IsEmpty)
        {
            _json.Name(FieldNames.Id);
            _json.Value(id);
            IsChanged = true;
        }

        foreach (var field in record.EnumerateObject())
        {
            if (statesId || !field.NameEquals(FieldNames.Id))
            {
                WriteField(store, field, isNew: true);
            }
        }

        _json.EndObject();
    }

    private void WriteUpdated(string store, JsonElement records)
    {
        _json.BeginArray();
        foreach (var record in records.EnumerateArray())
        {
            var losesPlace =
                ChangePart.TryReadId(record, FieldNames.Id, out var id)
                && _cuts.CutsMove(store, _ids.Resolve(store, id));
            IsChanged |= losesPlace;
            _json.BeginObject();
            foreach (var field in record.EnumerateObject())
            {
                if (!losesPlace || !FieldNames.IsPlace(RecordBuilder.NameOf(field)))
                {
                    WriteField(store, field, isNew: false);
                }
            }

            _json.EndObject();
        }

        _json.EndArray();
    }

    private void WriteField(string store, JsonProperty field, bool isNew)
    {
        _json.Name(JsonMarshal.GetRawUtf8PropertyName(field));
        var name = RecordBuilder.NameOf(field);
        var isNewIntervals =
            isNew
            && string.Equals(store, StoreNames.Calendars, StringComparison.Ordinal)
            && name.SequenceEqual(FieldNames.Intervals)
            && field.Value.ValueKind == JsonValueKind.Object;
        if (isNewIntervals)
        {
            // A nested change set makes every client replace the interval by an empty one (bryntum-protocol.md 11).
            IsChanged = true;
            _json.BeginArray();
            foreach (var interval in ChangePart.Of(field.Value).Added)
            {
                WriteNewRecord(StoreNames.Intervals, _ids.IdOf(StoreNames.Intervals, interval), interval);
            }

            _json.EndArray();
        }
        else if (FieldNames.IsPhantom(name))
        {
            _json.Value(RawText.Of(field.Value));
        }
        else
        {
            WriteValue(store, field.Value, FieldNames.IsLink(name));
        }
    }

    private void WriteValue(string store, JsonElement value, bool isLink)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                _json.BeginObject();
                foreach (var field in value.EnumerateObject())
                {
                    WriteField(store, field, isNew: false);
                }

                _json.EndObject();
                break;
            case JsonValueKind.Array:
                _json.BeginArray();
                foreach (var item in value.EnumerateArray())
                {
                    WriteValue(store, item, isLink);
                }

                _json.EndArray();
                break;
            case JsonValueKind.String
                when RawText.TryReadId(value, out var text) && _ids.TryReplace(store, text, isLink, out var id):
                _json.Value(id);
                IsChanged = true;
                break;
            default:
                _json.Value(RawText.Of(value));
                break;
        }
    }
}
