using System.Runtime.InteropServices;
using System.Text.Json;
using ServerlessSync.Core.Datasets.Folding;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Deciding;

/// <summary>
/// Writes a change set with real ids and without what is cut; everything else stays byte for byte, white space between
/// fields excepted.
/// </summary>
internal sealed class ChangeRewriter
{
    private readonly Content _content;
    private readonly IdAssignment _ids;
    private readonly ChangeCuts _cuts;
    private readonly List<VersionContent> _contents = [];
    private RawJson _json = new();
    private bool _isInput;

    /// <summary>A writer for one change set.</summary>
    public ChangeRewriter(Content content, IdAssignment ids, ChangeCuts cuts)
    {
        _content = content;
        _ids = ids;
        _cuts = cuts;
    }

    /// <summary>Whether what was written differs from what came in.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>The contents of versions that were kept back, one for each version.</summary>
    public IReadOnlyList<VersionContent> Contents => _contents;

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
            else if (list.NameEquals(FieldNames.Input) && !_isInput)
            {
                _isInput = true;
                WritePart(store, list.Value);
                _isInput = false;
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
        // An id of the other JSON type that names the same record leaves as it came.
        var statesId = ChangePart.TryReadId(record, FieldNames.Id, out var stated) && stated.HasFormOf(id);
        if (!statesId && !id.IsEmpty)
        {
            _json.Name(FieldNames.Id);
            _json.Value(id);
            IsChanged = true;
        }

        foreach (var field in record.EnumerateObject())
        {
            if (StoreNames.IsKeptBack(store, RecordBuilder.NameOf(field)))
            {
                KeepBack(id, field.Value);
            }
            else if (IsIntervalChange(store, RecordBuilder.NameOf(field), field.Value))
            {
                _json.Name(FieldNames.Intervals);
                WriteIntervals(id, field.Value);
            }
            else if (statesId || !field.NameEquals(FieldNames.Id))
            {
                WriteField(store, field);
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
                && _cuts.CutsMove(store, _ids.Locate(store, id));
            IsChanged |= losesPlace;
            _json.BeginObject();
            foreach (var field in record.EnumerateObject())
            {
                if (StoreNames.IsKeptBack(store, RecordBuilder.NameOf(field)))
                {
                    KeepBack(_ids.Locate(store, id), field.Value);
                }
                else if (!losesPlace || !FieldNames.IsPlace(RecordBuilder.NameOf(field)))
                {
                    WriteField(store, field);
                }
            }

            _json.EndObject();
        }

        _json.EndArray();
    }

    // The content of a version goes to who asks for it, and to nobody else (docs/protocol-facts.md#saved-versions). What is
    // stored counts more than what the user did, as with every other field.
    private void KeepBack(JsonId version, JsonElement content)
    {
        IsChanged = true;
        var known = _contents.FindIndex(kept => kept.Version == version);
        if (content.ValueKind == JsonValueKind.Null || (known >= 0 && _isInput))
        {
            return;
        }

        var before = _json;
        _json = new RawJson();
        WriteValue(StoreNames.Versions, content, isLink: false);
        var kept = new VersionContent(version, _json.Take());
        _json = before;
        if (known >= 0)
        {
            _contents[known] = kept;
        }
        else
        {
            _contents.Add(kept);
        }
    }

    private void WriteField(string store, JsonProperty field)
    {
        _json.Name(JsonMarshal.GetRawUtf8PropertyName(field));
        var name = RecordBuilder.NameOf(field);
        if (FieldNames.IsPhantom(name))
        {
            _json.Value(RawText.Of(field.Value));
        }
        else if (IsIntervalChange(store, name, field.Value))
        {
            WriteIntervalChange(field.Value);
        }
        else
        {
            WriteValue(store, field.Value, FieldNames.IsLink(name));
        }
    }

    private static bool IsIntervalChange(string store, ReadOnlySpan<byte> name, JsonElement value) =>
        string.Equals(store, StoreNames.Calendars, StringComparison.Ordinal)
        && name.SequenceEqual(FieldNames.Intervals)
        && value.ValueKind == JsonValueKind.Object;

    // A nested change set makes every client replace the interval by an empty one, and a plain array does not: possible
    // where the calendar is new, at least to its author (docs/protocol-facts.md#intervals-of-calendars).
    private void WriteIntervals(JsonId calendar, JsonElement changes)
    {
        IsChanged = true;
        var before = _json;
        _json = new RawJson();
        WriteIntervalChange(changes);
        using var rewritten = JsonDocument.Parse(_json.Take());
        _json = before;
        IntervalFold.Write(
            _json,
            _content.Find(StoreNames.Calendars, calendar)?.TextOf(FieldNames.Intervals) ?? default,
            rewritten.RootElement,
            keepPhantoms: true,
            IdentityRule.ByForm
        );
    }

    private void WriteIntervalChange(JsonElement changes)
    {
        _json.BeginObject();
        foreach (var list in changes.EnumerateObject())
        {
            _json.Name(JsonMarshal.GetRawUtf8PropertyName(list));
            if (list.NameEquals(FieldNames.Added) && list.Value.ValueKind == JsonValueKind.Array)
            {
                _json.BeginArray();
                foreach (var interval in ChangePart.Of(changes).Added)
                {
                    WriteNewRecord(StoreNames.Intervals, _ids.IdOf(StoreNames.Intervals, interval), interval);
                }

                _json.EndArray();
            }
            else
            {
                WriteValue(StoreNames.Intervals, list.Value, isLink: false);
            }
        }

        _json.EndObject();
    }

    private void WriteValue(string store, JsonElement value, bool isLink)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                _json.BeginObject();
                foreach (var field in value.EnumerateObject())
                {
                    WriteField(store, field);
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
