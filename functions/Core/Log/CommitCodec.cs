using System.Buffers;
using System.Text.Json;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Log;

/// <summary>
/// Writes commits as rows and reads them. The entries are one JSON array, which embeds their change sets verbatim.
/// </summary>
internal static class CommitCodec
{
    /// <summary>The format since ids of records are compared by their string form.</summary>
    public const long Format = 3;

    /// <summary>
    /// The format for code that knows restores but compares ids by type. It must not fold a commit that means something
    /// else under its rule.
    /// </summary>
    public const long FormatWithRestores = 2;

    /// <summary>The format for code that does not know restores, and must not misread one.</summary>
    private const long FormatWithoutRestores = 1;

    private const string RuleProperty = "identity";

    public static IReadOnlyList<TableAction> ToRows(Commit commit)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            writer.WriteStartArray();
            foreach (var entry in commit.Entries)
            {
                Write(writer, entry);
            }

            writer.WriteEndArray();
        }

        return Payload.ToRows(
            RowKeys.Commit(commit.First),
            Payload.Compress(buffer.WrittenSpan),
            new Dictionary<string, TableValue>(StringComparer.Ordinal)
            {
                ["format"] = FormatOf(commit),
                [RuleProperty] = (long)commit.Entries[0].Rule,
                ["id"] = commit.Id,
                ["first"] = commit.First,
                ["count"] = commit.Entries.Count,
                ["time"] = commit.Time.ToUnixTimeMilliseconds(),
                ["answered"] = string.Join(',', commit.Answered),
            }
        );
    }

    public static Commit FromRows(IReadOnlyList<TableRow> rows)
    {
        var row = rows[0];
        StoredFormat.Check(row, Format);
        var content =
            Payload.FromRows(rows)
            ?? throw new InvalidDataException($"Commit '{row.RowKey}' of project '{row.PartitionKey}' is incomplete.");
        var rule = RuleOf(row);
        var revision = row.GetInt64("first") ?? throw Incomplete(row, "first");
        using var document = JsonDocument.Parse(content);
        var entries = new List<LogEntry>(document.RootElement.GetArrayLength());
        foreach (var element in document.RootElement.EnumerateArray())
        {
            entries.Add(Read(element, revision++) with { Rule = rule });
        }

        return entries.Count == row.GetInt64("count") && entries.Count > 0
            ? new Commit(
                row.GetString("id") ?? throw Incomplete(row, "id"),
                DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64("time") ?? throw Incomplete(row, "time")),
                entries
            )
            {
                Answered = row.GetString("answered")?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [],
            }
            : throw Incomplete(row, "count");
    }

    private static long FormatOf(Commit commit) =>
        commit.Entries.Any(static entry => entry.NeedsRule) ? Format
        : commit.Entries.Any(static entry => entry.Restored is not null) ? FormatWithRestores
        : FormatWithoutRestores;

    /// <summary>Commits of code that knew only one rule state none.</summary>
    private static IdentityRule RuleOf(TableRow row)
    {
        var rule = row.GetInt64(RuleProperty) ?? (long)IdentityRule.ByType;
        return rule is (long)IdentityRule.ByType or (long)IdentityRule.ByForm
            ? (IdentityRule)rule
            : throw new NewerFormatException(
                $"Row '{row.RowKey}' of project '{row.PartitionKey}' follows identity rule {rule}, which this version does not know. "
                    + "Finish the upgrade of all instances."
            );
    }

    private static void Write(Utf8JsonWriter writer, LogEntry entry)
    {
        writer.WriteStartObject();
        writer.WriteNumber("k"u8, (int)entry.Kind);
        writer.WriteString("u"u8, entry.Origin.User);
        writer.WriteString("c"u8, entry.Origin.Connection.Value);
        writer.WriteNumber("e"u8, entry.Origin.EventId);
        writer.WriteString("l"u8, entry.LocalRevision);
        WriteOptional(writer, "i"u8, entry.Client);
        WriteOptional(writer, "s"u8, entry.Session);
        WriteOptional(writer, "f"u8, entry.ConflictResolutionFor);
        if (entry.Cut)
        {
            writer.WriteBoolean("x"u8, value: true);
        }

        if (entry.Contents.Count > 0)
        {
            WriteContents(writer, entry.Contents);
        }

        if (entry.Restored is { } restored)
        {
            writer.WriteStartArray("t"u8);
            writer.WriteNumberValue(restored.Revision);
            writer.WriteStringValue(restored.Key);
            writer.WriteEndArray();
        }

        writer.WritePropertyName("d"u8);
        writer.WriteRawValue(entry.Changes.Span, skipInputValidation: true);
        writer.WriteEndObject();
    }

    private static LogEntry Read(JsonElement element, long revision)
    {
        var changes = element.GetProperty("d"u8);
        return new LogEntry(
            revision,
            (EntryKind)element.GetProperty("k"u8).GetInt32(),
            new Origin(
                element.GetProperty("u"u8).GetString()!,
                new ConnectionId(element.GetProperty("c"u8).GetString()!),
                element.GetProperty("e"u8).GetInt64()
            ),
            element.GetProperty("l"u8).GetString()!,
            ReadOptional(element, "i"u8),
            ReadOptional(element, "s"u8),
            ReadOptional(element, "f"u8),
            JsonBytes.Of(changes),
            element.TryGetProperty("x"u8, out var cut) && cut.GetBoolean()
        )
        {
            Contents = element.TryGetProperty("v"u8, out var contents) ? ReadContents(contents) : [],
            Restored = element.TryGetProperty("t"u8, out var restored)
                ? new RestoredDataset(restored[0].GetInt64(), restored[1].GetString()!)
                : null,
        };
    }

    private static void WriteContents(Utf8JsonWriter writer, IReadOnlyList<StoredContent> contents)
    {
        writer.WriteStartArray("v"u8);
        foreach (var content in contents)
        {
            writer.WriteStartArray();
            content.Version.WriteTo(writer);
            writer.WriteStringValue(content.Key);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    private static List<StoredContent> ReadContents(JsonElement contents) =>
        [
            .. contents
                .EnumerateArray()
                .Select(content => new StoredContent(
                    JsonId.TryRead(content[0], out var version)
                        ? version
                        : throw new InvalidDataException("A stored content has no version id."),
                    content[1].GetString()!
                )),
        ];

    private static void WriteOptional(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    private static string? ReadOptional(JsonElement element, ReadOnlySpan<byte> name) =>
        element.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static InvalidDataException Incomplete(TableRow row, string name) =>
        new($"Commit '{row.RowKey}' of project '{row.PartitionKey}' has an invalid '{name}'.");
}
