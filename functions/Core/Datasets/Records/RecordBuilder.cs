using System.Runtime.InteropServices;
using System.Text.Json;
using ServerlessSync.Core.Datasets.Folding;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>Makes records from what was sent, and from a record and the changes to it.</summary>
/// <param name="rule">When two ids name one interval of a calendar.</param>
internal sealed class RecordBuilder(IdentityRule rule)
{
    private readonly RawJson _json = new();

    /// <summary>A new record.</summary>
    public DataRecord Create(RecordStore store, JsonId id, JsonElement sent)
    {
        _json.BeginObject();
        foreach (var field in sent.EnumerateObject())
        {
            Write(store, field);
        }

        _json.EndObject();
        var record = new DataRecord(id, _json.Take()) { Sequence = store.NextSequence() };
        return store.IsTree ? Placement.Of(sent).ApplyTo(record) : record;
    }

    /// <summary>A record with changed and additional fields; all others stay.</summary>
    public DataRecord Merge(RecordStore store, DataRecord record, JsonElement sent)
    {
        var changed = FieldsByName(store, sent);
        var endsNamed = EndsNamed(store, changed.Keys);
        var names = changed.GetAlternateLookup<ReadOnlySpan<byte>>();
        _json.BeginObject();
        for (var fields = new FieldReader(record.Body.Span); fields.Next();)
        {
            if (names.TryGetValue(fields.Name, out var value))
            {
                WriteChanged(store, fields.Name, fields.Value, value);
                names.Remove(fields.Name);
            }
            else if (!IsReplaced(store, fields.Name, sent, endsNamed))
            {
                _json.Name(fields.Name);
                _json.Value(fields.Value);
            }
        }

        foreach (var (name, value) in changed)
        {
            WriteChanged(store, name, default, value);
        }

        _json.EndObject();
        var merged = record with { Body = _json.Take(), SharesBody = false };
        if (store.IsTree)
        {
            return Placement.Of(sent).ApplyTo(merged);
        }

        // The newest link of a cycle is the one to switch off (docs/protocol-facts.md#conflicts), and a link that got
        // another end or was switched on is new in that sense.
        var isNewLink =
            IsStore(store, StoreNames.Dependencies)
            && (endsNamed.Count > 0 || sent.TryGetProperty(FieldNames.Active, out _));
        return isNewLink ? merged with { Sequence = store.NextSequence() } : merged;
    }

    /// <summary>The project's fields with changed and additional ones. The <c>id</c> is one client's own and never kept.</summary>
    public byte[] MergeProject(ReadOnlySpan<byte> project, JsonElement sent)
    {
        var changed = new Dictionary<byte[], JsonElement>(Utf8NameComparer.Instance);
        foreach (var field in sent.EnumerateObject())
        {
            var name = NameOf(field);
            if (!name.SequenceEqual(FieldNames.Id) && !name.SequenceEqual(FieldNames.Input))
            {
                changed[name.ToArray()] = field.Value;
            }
        }

        var names = changed.GetAlternateLookup<ReadOnlySpan<byte>>();
        _json.BeginObject();
        for (var fields = new FieldReader(project); fields.Next();)
        {
            _json.Name(fields.Name);
            _json.Value(names.Remove(fields.Name, out _, out var value) ? RawText.Of(value) : fields.Value);
        }

        foreach (var (name, value) in changed)
        {
            _json.Name(name);
            _json.Value(RawText.Of(value));
        }

        _json.EndObject();
        return _json.Take();
    }

    /// <summary>A field's name as it is stored.</summary>
    public static ReadOnlySpan<byte> NameOf(JsonProperty field) =>
        RawText.CanonicalName(JsonMarshal.GetRawUtf8PropertyName(field));

    private static Dictionary<byte[], JsonElement> FieldsByName(RecordStore store, JsonElement sent)
    {
        var fields = new Dictionary<byte[], JsonElement>(Utf8NameComparer.Instance);
        foreach (var field in sent.EnumerateObject())
        {
            var name = NameOf(field);
            if (IsText(store, name, field.Value))
            {
                fields[name.ToArray()] = field.Value;
            }
        }

        return fields;
    }

    private static HashSet<LinkSide> EndsNamed(RecordStore store, IEnumerable<byte[]> names) =>
        store.Name is StoreNames.Dependencies or StoreNames.Assignments
            ? [.. names.Select(name => FieldNames.SideOf(name)).Where(side => side != LinkSide.None)]
            : [];

    private static bool IsStore(RecordStore store, string name) =>
        string.Equals(store.Name, name, StringComparison.Ordinal);

    // Whether an old field must not outlive a change that does not name it.
    private static bool IsReplaced(RecordStore store, ReadOnlySpan<byte> name, JsonElement sent, HashSet<LinkSide> ends)
    {
        var staleIndex =
            store.IsTree
            && name.SequenceEqual(FieldNames.OrderedParentIndex)
            && sent.TryGetProperty(FieldNames.OrderedParentIndex, out _);
        // A link that is moved under one of its names for an end must not keep the old end under another.
        return staleIndex || (ends.Count > 0 && ends.Contains(FieldNames.SideOf(name)));
    }

    // Whether a field is part of the record's text and not of its other properties.
    private static bool IsText(RecordStore store, ReadOnlySpan<byte> name, JsonElement value)
    {
        if (
            name.SequenceEqual(FieldNames.Id)
            || FieldNames.IsPhantom(name)
            || StoreNames.IsKeptBack(store.Name, name)
        )
        {
            return false;
        }

        if (!store.IsTree)
        {
            return true;
        }

        var isNesting =
            name.SequenceEqual(FieldNames.Children)
            && value.ValueKind == JsonValueKind.Array
            && value.GetArrayLength() > 0;
        var isOrder =
            name.SequenceEqual(FieldNames.OrderedParentIndex) && RawText.TryReadInteger(RawText.Of(value), out _);
        return !isNesting && !isOrder && !name.SequenceEqual(FieldNames.ParentId);
    }

    private void Write(RecordStore store, JsonProperty field)
    {
        var name = NameOf(field);
        if (IsText(store, name, field.Value))
        {
            WriteChanged(store, name, default, field.Value);
        }
    }

    private void WriteChanged(RecordStore store, ReadOnlySpan<byte> name, ReadOnlySpan<byte> old, JsonElement value)
    {
        _json.Name(name);
        var isIntervals = IsStore(store, StoreNames.Calendars) && name.SequenceEqual(FieldNames.Intervals);
        if (isIntervals && value.ValueKind == JsonValueKind.Object)
        {
            IntervalFold.Write(_json, old, value, keepPhantoms: false, rule);
        }
        else if (isIntervals && value.ValueKind == JsonValueKind.Array)
        {
            IntervalFold.WriteWhole(_json, value);
        }
        else
        {
            _json.Value(RawText.Of(value));
        }
    }
}
