using System.Text.Json;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Snapshots;

/// <summary>
/// Reads the output of <see cref="Snapshot"/> in one pass, which dominates the loading time of large projects. The
/// records are slices of the text that was read: separate arrays would cost more to collect than everything else.
/// </summary>
internal ref struct SnapshotReader
{
    private readonly ReadOnlyMemory<byte> json;
    private Utf8JsonReader reader;
    private JsonId lastParent;

    private SnapshotReader(Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        this.json = json;
        this.reader = reader;
    }

    /// <summary>Reads a state.</summary>
    /// <param name="reader">Positioned before the value or on its first token; afterwards on its last.</param>
    /// <param name="json">The whole text that the reader reads.</param>
    /// <exception cref="InvalidDataException">The snapshot has a newer format, or is corrupt.</exception>
    public static (Content Content, IdRegistry Memory) Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        try
        {
            var snapshot = new SnapshotReader(reader, json);
            var read = snapshot.Read();
            reader = snapshot.reader;
            return read;
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException or JsonException)
        {
            throw new InvalidDataException("The snapshot of a dataset is corrupt.", exception);
        }
    }

    private (Content Content, IdRegistry Memory) Read()
    {
        var content = new Content { SharedBytes = json.Length };
        var memory = new IdRegistry();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Expect(JsonTokenType.StartObject);
        }

        ExpectName("format"u8);
        ReadFormat();
        ExpectName("stores"u8);
        Expect(JsonTokenType.StartObject);
        while (NextIs(JsonTokenType.PropertyName))
        {
            ReadStore(content.Store(reader.GetString()!));
        }

        ExpectName("project"u8);
        content.Project = NextValue().ToArray();
        ReadMemory(memory);
        Expect(JsonTokenType.EndObject);
        return (content, memory);
    }

    private void ReadFormat()
    {
        Expect(JsonTokenType.Number);
        var format = reader.GetInt32();
        if (format != Snapshot.Format)
        {
            throw new InvalidDataException(
                $"The snapshot has format {format}; this version of the server reads format {Snapshot.Format} only."
            );
        }
    }

    private void ReadStore(RecordStore store)
    {
        var records = new List<DataRecord>();
        Expect(JsonTokenType.StartArray);
        while (NextIs(JsonTokenType.StartArray))
        {
            records.Add(store.IsTree ? ReadNode(store) : ReadRecord(store));
        }

        store.Fill(records);
    }

    private DataRecord ReadNode(RecordStore store)
    {
        var record = new DataRecord(NextId(), NextValue())
        {
            SharesBody = true,
            Sequence = store.NextSequence(),
            Parent = NextParent(),
            Order = NextInteger(),
            OrderIsField = NextBoolean(),
            ParentIndex = NextInteger(),
        };
        Expect(JsonTokenType.EndArray);
        return record;
    }

    private DataRecord ReadRecord(RecordStore store)
    {
        var record = new DataRecord(NextId(), NextValue()) { SharesBody = true, Sequence = store.NextSequence() };
        return NextTextBeforeEnd() is { } key ? record with { ContentKey = key } : record;
    }

    private void ReadMemory(IdRegistry memory)
    {
        var journal = new UndoJournal();
        ExpectName("phantoms"u8);
        Expect(JsonTokenType.StartArray);
        while (NextIs(JsonTokenType.StartArray))
        {
            memory.RememberPhantom(NextText(), NextId(), NextId(), journal);
            Expect(JsonTokenType.EndArray);
        }

        ExpectName("removed"u8);
        Expect(JsonTokenType.StartArray);
        while (NextIs(JsonTokenType.StartArray))
        {
            var key = new StoreKey(NextText(), NextId());
            memory.Removed.Add(key, NextTextBeforeEnd(), journal);
        }
    }

    /// <summary>The text of the next value.</summary>
    private ReadOnlyMemory<byte> NextValue()
    {
        Next();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }


    private JsonId NextId() =>
        RawText.TryReadId(NextValue().Span, out var id) ? id : throw new FormatException("A value is not an id.");

    // Siblings mostly follow one another, so they share the id of their parent, which saves time and memory.
    private JsonId NextParent()
    {
        var value = NextValue();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return default;
        }

        var isLast =
            reader.TokenType == JsonTokenType.String
            && !lastParent.IsNumber
            && !lastParent.IsEmpty
            && reader.ValueTextEquals(lastParent.Text);
        if (!isLast)
        {
            lastParent = RawText.TryReadId(value.Span, out var id) ? id : throw new FormatException("A value is not an id.");
        }

        return lastParent;
    }

    private int NextInteger()
    {
        Next();
        return reader.GetInt32();
    }

    private bool NextBoolean()
    {
        Next();
        return reader.GetBoolean();
    }

    private string NextText()
    {
        Expect(JsonTokenType.String);
        return reader.GetString()!;
    }

    /// <summary>The optional last text of an array, and the array's end; null when there is only the end.</summary>
    private string? NextTextBeforeEnd()
    {
        if (NextIs(JsonTokenType.EndArray))
        {
            return null;
        }

        var text = reader.GetString();
        Expect(JsonTokenType.EndArray);
        return text;
    }

    private void ExpectName(ReadOnlySpan<byte> name)
    {
        Expect(JsonTokenType.PropertyName);
        if (!reader.ValueTextEquals(name))
        {
            throw new FormatException("A field is missing.");
        }
    }

    private void Expect(JsonTokenType type)
    {
        if (!NextIs(type))
        {
            throw new FormatException($"There is a {reader.TokenType} where a {type} should be.");
        }
    }

    private bool NextIs(JsonTokenType type)
    {
        Next();
        return reader.TokenType == type;
    }

    private void Next()
    {
        if (!reader.Read())
        {
            throw new FormatException("The text ends too early.");
        }
    }
}
