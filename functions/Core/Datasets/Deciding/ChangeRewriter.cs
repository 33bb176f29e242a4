using System.Runtime.InteropServices;
using System.Text.Json;
using ServerlessSync.Core.Datasets.Folding;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Deciding;

/// <summary>
/// Writes a change set with real ids and without its cut parts. Everything else is copied byte for byte, except white
/// space between fields.
/// </summary>
internal sealed class ChangeRewriter
{
    private readonly Content content;
    private readonly IdAssignment ids;
    private readonly ChangeCuts cuts;
    private readonly List<VersionContent> contents = [];
    private RawJson json = new();
    private bool isInput;

    /// <summary>Creates a writer for one change set.</summary>
    public ChangeRewriter(Content content, IdAssignment ids, ChangeCuts cuts)
    {
        this.content = content;
        this.ids = ids;
        this.cuts = cuts;
    }

    /// <summary>Whether the output differs from the input.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>The contents of versions, which were left out of the output: one per version.</summary>
    public IReadOnlyList<VersionContent> Contents => contents;

    /// <summary>Writes the change set.</summary>
    public byte[] Write(JsonElement changes)
    {
        json.BeginObject();
        foreach (var part in changes.EnumerateObject())
        {
            json.Name(JsonMarshal.GetRawUtf8PropertyName(part));
            if (part.NameEquals(StoreNames.Project))
            {
                WriteValue(StoreNames.Project, part.Value, isLink: false);
            }
            else
            {
                WritePart(part.Name, part.Value);
            }
        }

        json.EndObject();
        return json.Take();
    }

    private void WritePart(string store, JsonElement part)
    {
        json.BeginObject();
        foreach (var list in part.EnumerateObject())
        {
            json.Name(JsonMarshal.GetRawUtf8PropertyName(list));
            if (list.NameEquals(FieldNames.Added))
            {
                WriteAdded(store, list.Value);
            }
            else if (list.NameEquals(FieldNames.Updated))
            {
                WriteUpdated(store, list.Value);
            }
            else if (list.NameEquals(FieldNames.Input) && !isInput)
            {
                isInput = true;
                WritePart(store, list.Value);
                isInput = false;
            }
            else
            {
                WriteValue(store, list.Value, isLink: false);
            }
        }

        json.EndObject();
    }

    private void WriteAdded(string store, JsonElement records)
    {
        json.BeginArray();
        foreach (var record in records.EnumerateArray())
        {
            var id = ids.IdOf(store, record);
            if (cuts.CutsAdded(store, id))
            {
                IsChanged = true;
            }
            else
            {
                WriteNewRecord(store, id, record);
            }
        }

        json.EndArray();
    }

    private void WriteNewRecord(string store, JsonId id, JsonElement record)
    {
        json.BeginObject();
        // An id of the other JSON type that names the same record is written unchanged.
        var statesId = ChangePart.TryReadId(record, FieldNames.Id, out var stated) && stated.HasSameFormAs(id);
        if (!statesId && !id.IsEmpty)
        {
            json.Name(FieldNames.Id);
            json.Value(id);
            IsChanged = true;
        }

        foreach (var field in record.EnumerateObject())
        {
            if (StoreNames.IsStoredApart(store, RecordBuilder.NameOf(field)))
            {
                SetApart(id, field.Value);
            }
            else if (IsIntervalChange(store, RecordBuilder.NameOf(field), field.Value))
            {
                json.Name(FieldNames.Intervals);
                WriteIntervals(id, field.Value);
            }
            else if (statesId || !field.NameEquals(FieldNames.Id))
            {
                WriteField(store, field);
            }
        }

        json.EndObject();
    }

    private void WriteUpdated(string store, JsonElement records)
    {
        json.BeginArray();
        foreach (var record in records.EnumerateArray())
        {
            var losesPlace =
                ChangePart.TryReadId(record, FieldNames.Id, out var id)
                && cuts.CutsMove(store, ids.Locate(store, id));
            IsChanged |= losesPlace;
            json.BeginObject();
            foreach (var field in record.EnumerateObject())
            {
                if (StoreNames.IsStoredApart(store, RecordBuilder.NameOf(field)))
                {
                    SetApart(ids.Locate(store, id), field.Value);
                }
                else if (!losesPlace || !FieldNames.IsPlace(RecordBuilder.NameOf(field)))
                {
                    WriteField(store, field);
                }
            }

            json.EndObject();
        }

        json.EndArray();
    }

    // The content of a version is sent only on request (docs/protocol-facts.md#saved-versions). Results take precedence
    // over user input, as for every other field.
    private void SetApart(JsonId version, JsonElement content)
    {
        IsChanged = true;
        var known = contents.FindIndex(earlier => earlier.Version == version);
        if (content.ValueKind == JsonValueKind.Null || (known >= 0 && isInput))
        {
            return;
        }

        var before = json;
        json = new RawJson();
        WriteValue(StoreNames.Versions, content, isLink: false);
        var entry = new VersionContent(version, json.Take());
        json = before;
        if (known >= 0)
        {
            contents[known] = entry;
        }
        else
        {
            contents.Add(entry);
        }
    }

    private void WriteField(string store, JsonProperty field)
    {
        json.Name(JsonMarshal.GetRawUtf8PropertyName(field));
        var name = RecordBuilder.NameOf(field);
        if (FieldNames.IsPhantom(name))
        {
            json.Value(RawText.Of(field.Value));
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

    // Clients replace an interval by an empty one when it arrives in a nested change set, but not when it arrives in a
    // plain array. An array is possible where the calendar is new, at least to its author
    // (docs/protocol-facts.md#intervals-of-calendars).
    private void WriteIntervals(JsonId calendar, JsonElement changes)
    {
        IsChanged = true;
        var before = json;
        json = new RawJson();
        WriteIntervalChange(changes);
        using var rewritten = JsonDocument.Parse(json.Take());
        json = before;
        IntervalFold.Write(
            json,
            content.Find(StoreNames.Calendars, calendar)?.TextOf(FieldNames.Intervals) ?? default,
            rewritten.RootElement,
            keepPhantoms: true,
            IdentityRule.ByForm
        );
    }

    private void WriteIntervalChange(JsonElement changes)
    {
        json.BeginObject();
        foreach (var list in changes.EnumerateObject())
        {
            json.Name(JsonMarshal.GetRawUtf8PropertyName(list));
            if (list.NameEquals(FieldNames.Added) && list.Value.ValueKind == JsonValueKind.Array)
            {
                json.BeginArray();
                foreach (var interval in ChangePart.Of(changes).Added)
                {
                    WriteNewRecord(StoreNames.Intervals, ids.IdOf(StoreNames.Intervals, interval), interval);
                }

                json.EndArray();
            }
            else
            {
                WriteValue(StoreNames.Intervals, list.Value, isLink: false);
            }
        }

        json.EndObject();
    }

    private void WriteValue(string store, JsonElement value, bool isLink)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.BeginObject();
                foreach (var field in value.EnumerateObject())
                {
                    WriteField(store, field);
                }

                json.EndObject();
                break;
            case JsonValueKind.Array:
                json.BeginArray();
                foreach (var item in value.EnumerateArray())
                {
                    WriteValue(store, item, isLink);
                }

                json.EndArray();
                break;
            case JsonValueKind.String
                when RawText.TryReadId(value, out var text) && ids.TryReplace(store, text, isLink, out var id):
                json.Value(id);
                IsChanged = true;
                break;
            default:
                json.Value(RawText.Of(value));
                break;
        }
    }
}
