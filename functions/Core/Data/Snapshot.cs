using System.Text.Json;
using ServerlessSync.Core.Identity;

namespace ServerlessSync.Core.Data;

/// <summary>
/// The whole state as one JSON value: <c>{"format":1,"stores":{…},"project":{…},"phantoms":[…],"removed":[…]}</c>.
/// A record is an array: id and text, in a tree store followed by parent, order, whether the order is a field, and
/// parentIndex, and for a version with content by the key of that. A removed id has the latter too. Records stand in the order of their age, ids in that of their remembering.
/// </summary>
internal static class Snapshot
{
    private const int Format = 1;

    /// <summary>Writes the state.</summary>
    public static void Write(Utf8JsonWriter writer, Content content, IdMemory memory)
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

    /// <summary>Reads the state.</summary>
    /// <exception cref="InvalidDataException">It is of a newer format, or broken.</exception>
    public static (Content Content, IdMemory Memory) Read(JsonElement snapshot)
    {
        try
        {
            var format = snapshot.GetProperty("format"u8).GetInt32();
            if (format != Format)
            {
                throw new InvalidDataException(
                    $"The snapshot has format {format}; this version of the server reads format {Format} only."
                );
            }

            var content = new Content { Project = RawText.Of(snapshot.GetProperty("project"u8)).ToArray() };
            foreach (var store in snapshot.GetProperty("stores"u8).EnumerateObject())
            {
                ReadStore(content.Store(store.Name), store.Value);
            }

            return (content, ReadMemory(snapshot));
        }
        catch (Exception exception)
            when (exception
                    is KeyNotFoundException
                        or InvalidOperationException
                        or FormatException
                        or IndexOutOfRangeException
            )
        {
            throw new InvalidDataException("The snapshot of a dataset is broken.", exception);
        }
    }

    private static void WriteRecord(Utf8JsonWriter writer, RecordStore store, DataRecord record)
    {
        writer.WriteStartArray();
        record.Id.WriteTo(writer);
        writer.WriteRawValue(record.Body, skipInputValidation: true);
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

    private static void WriteMemory(Utf8JsonWriter writer, IdMemory memory)
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

    private static void ReadStore(RecordStore store, JsonElement records)
    {
        store.Reserve(records.GetArrayLength());
        foreach (var entry in records.EnumerateArray())
        {
            var record = new DataRecord(IdOf(entry[0]), RawText.Of(entry[1]).ToArray())
            {
                Sequence = store.NextSequence(),
            };
            if (store.IsTree)
            {
                record = record with
                {
                    Parent = entry[2].ValueKind == JsonValueKind.Null ? default : IdOf(entry[2]),
                    Order = entry[3].GetInt32(),
                    OrderIsField = entry[4].GetBoolean(),
                    ParentIndex = entry[5].GetInt32(),
                };
            }
            else if (entry.GetArrayLength() > 2)
            {
                record = record with { ContentKey = entry[2].GetString() };
            }

            store.Set(record.Id, record);
        }
    }

    private static IdMemory ReadMemory(JsonElement snapshot)
    {
        var memory = new IdMemory();
        var journal = new UndoJournal();
        foreach (var entry in snapshot.GetProperty("phantoms"u8).EnumerateArray())
        {
            memory.RememberPhantom(NameOf(entry[0]), IdOf(entry[1]), IdOf(entry[2]), journal);
        }

        foreach (var entry in snapshot.GetProperty("removed"u8).EnumerateArray())
        {
            var contentKey = entry.GetArrayLength() > 2 ? entry[2].GetString() : null;
            memory.Removed.Add(new StoreKey(NameOf(entry[0]), IdOf(entry[1])), contentKey, journal);
        }

        return memory;
    }

    private static string NameOf(JsonElement value) =>
        value.GetString() ?? throw new FormatException("A store has no name.");

    private static JsonId IdOf(JsonElement value) =>
        RawText.TryReadId(value, out var id) ? id : throw new FormatException("A value is no id.");
}
