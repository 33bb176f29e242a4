using System.Runtime.InteropServices;
using System.Text.Json;
using ServerlessSync.Core.Datasets.Folding;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>Builds records from sent JSON, and merges changes into existing records.</summary>
/// <param name="rule">When two ids name one interval of a calendar.</param>
internal sealed class RecordBuilder(IdentityRule rule)
{
    private readonly RawJson json = new();

    /// <summary>A new record.</summary>
    public DataRecord Create(RecordStore store, JsonId id, JsonElement sent)
    {
        json.BeginObject();
        foreach (var field in sent.EnumerateObject())
        {
            Write(store, field);
        }

        json.EndObject();
        var record = new DataRecord(id, json.Take()) { Sequence = store.NextSequence() };
        return store.IsTree ? Placement.Of(sent).ApplyTo(record) : record;
    }

    /// <summary>A record with changed and added fields; all others stay.</summary>
    public DataRecord Merge(RecordStore store, DataRecord record, JsonElement sent)
    {
        var changed = FieldsByName(store, sent);
        var endsNamed = EndsNamed(store, changed.Keys);
        var names = changed.GetAlternateLookup<ReadOnlySpan<byte>>();
        json.BeginObject();
        for (var fields = new FieldReader(record.Body.Span); fields.Next();)
        {
            if (names.TryGetValue(fields.Name, out var value))
            {
                WriteChanged(store, fields.Name, fields.Value, value);
                names.Remove(fields.Name);
            }
            else if (!IsReplaced(store, fields.Name, sent, endsNamed))
            {
                json.Name(fields.Name);
                json.Value(fields.Value);
            }
        }

        foreach (var (name, value) in changed)
        {
            WriteChanged(store, name, default, value);
        }

        json.EndObject();
        var merged = record with { Body = json.Take(), SharesBody = false };
        if (store.IsTree)
        {
            return Placement.Of(sent).ApplyTo(merged);
        }

        // The newest link of a cycle becomes inactive (docs/protocol-facts.md#conflicts). A link that got another end
        // or was activated counts as new.
        var isNewLink =
            IsStore(store, StoreNames.Dependencies)
            && (endsNamed.Count > 0 || sent.TryGetProperty(FieldNames.Active, out _));
        return isNewLink ? merged with { Sequence = store.NextSequence() } : merged;
    }

    /// <summary>
    /// The project's fields with changed and added ones. The <c>id</c> is local to one client and never stored.
    /// </summary>
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
        json.BeginObject();
        for (var fields = new FieldReader(project); fields.Next();)
        {
            json.Name(fields.Name);
            json.Value(names.Remove(fields.Name, out _, out var value) ? RawText.Of(value) : fields.Value);
        }

        foreach (var (name, value) in changed)
        {
            json.Name(name);
            json.Value(RawText.Of(value));
        }

        json.EndObject();
        return json.Take();
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

    // Whether a change removes an old field without naming it.
    private static bool IsReplaced(RecordStore store, ReadOnlySpan<byte> name, JsonElement sent, HashSet<LinkSide> ends)
    {
        var staleIndex =
            store.IsTree
            && name.SequenceEqual(FieldNames.OrderedParentIndex)
            && sent.TryGetProperty(FieldNames.OrderedParentIndex, out _);
        // A link that is moved under one name of an end must not keep the old end under another name.
        return staleIndex || (ends.Count > 0 && ends.Contains(FieldNames.SideOf(name)));
    }

    // Whether a field is stored in the record's text instead of in its properties.
    private static bool IsText(RecordStore store, ReadOnlySpan<byte> name, JsonElement value)
    {
        if (
            name.SequenceEqual(FieldNames.Id)
            || FieldNames.IsPhantom(name)
            || StoreNames.IsStoredApart(store.Name, name)
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
        json.Name(name);
        var isIntervals = IsStore(store, StoreNames.Calendars) && name.SequenceEqual(FieldNames.Intervals);
        if (isIntervals && value.ValueKind == JsonValueKind.Object)
        {
            IntervalFold.Write(json, old, value, keepPhantoms: false, rule);
        }
        else if (isIntervals && value.ValueKind == JsonValueKind.Array)
        {
            IntervalFold.WriteWhole(json, value);
        }
        else
        {
            json.Value(RawText.Of(value));
        }
    }
}
