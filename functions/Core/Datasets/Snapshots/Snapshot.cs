using System.Text.Json;
using ServerlessSync.Core.Datasets.Records;

namespace ServerlessSync.Core.Datasets.Snapshots;

/// <summary>
/// The whole state as one JSON value: <c>{"format":1,"stores":{…},"project":{…},"phantoms":[…],"removed":[…]}</c>. A
/// record is an array: id and text, in a tree store followed by parent, order, whether the order is a field, and
/// parentIndex, and, for a version with content, by the content's key. A removed id of a version has that key too.
/// Records are ordered by age, ids by when they were remembered, and the fields as above.
/// </summary>
internal static class Snapshot
{
    /// <summary>The format that is written.</summary>
    public const int Format = 1;

    /// <summary>Writes the state.</summary>
    public static void Write(Utf8JsonWriter writer, Content content, IdRegistry memory)
    {
        writer.WriteStartObject();
        writer.WriteNumber("format"u8, Format);
        writer.WriteStartObject("stores"u8);
        foreach (var store in content.Stores.Where(store => store.Count > 0))
        {
            writer.WriteStartArray(store.Name);
            foreach (var record in store.ByAge())
            {
                WriteRecord(writer, store, record);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.WritePropertyName("project"u8);
        writer.WriteRawValue(content.Project, skipInputValidation: true);
        WriteMemory(writer, memory);
        writer.WriteEndObject();
    }

    private static void WriteRecord(Utf8JsonWriter writer, RecordStore store, DataRecord record)
    {
        writer.WriteStartArray();
        record.Id.WriteTo(writer);
        writer.WriteRawValue(record.Body.Span, skipInputValidation: true);
        if (store.IsTree)
        {
            if (record.Parent.IsEmpty)
            {
                writer.WriteNullValue();
            }
            else
            {
                record.Parent.WriteTo(writer);
            }

            writer.WriteNumberValue(record.Order);
            writer.WriteBooleanValue(record.OrderIsField);
            writer.WriteNumberValue(record.ParentIndex);
        }
        else if (record.ContentKey is { } key)
        {
            writer.WriteStringValue(key);
        }

        writer.WriteEndArray();
    }

    private static void WriteMemory(Utf8JsonWriter writer, IdRegistry memory)
    {
        writer.WriteStartArray("phantoms"u8);
        foreach (var (phantom, id) in memory.Phantoms.Entries)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(phantom.Store);
            phantom.Id.WriteTo(writer);
            id.WriteTo(writer);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("removed"u8);
        foreach (var (removed, contentKey) in memory.Removed.Entries)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(removed.Store);
            removed.Id.WriteTo(writer);
            if (contentKey is not null)
            {
                writer.WriteStringValue(contentKey);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }
}
