using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ServerlessSync.Core.Engine.Committing;
using ServerlessSync.Core.Engine.Subscribing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Engine.Forwarding;

/// <summary>Submissions as JSON for an inbox row, and the answers to those that were not accepted.</summary>
internal static class SubmissionCodec
{
    /// <summary>
    /// Submissions in one row. The answers to all of them share one string property, of <see cref="TableLimits.StringCharactersMax"/>
    /// characters; each then has room for the longest answer that must not be cut: <see cref="Refusals.BeforeDataset"/>.
    /// </summary>
    public const int ItemsMax = 200;

    /// <summary>Characters of a reason: longer ones are cut.</summary>
    private const int ReasonLengthMax = 400;

    /// <summary>Characters that JSON can make of one: <c>\u0022</c>.</summary>
    private const int EscapeLengthMax = 6;

    public static ReadOnlyMemory<byte> Write(IReadOnlyList<SubmitItem> items)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            writer.WriteStartArray();
            foreach (var item in items)
            {
                writer.WriteStartObject();
                writer.WriteString("u", item.Origin.User);
                writer.WriteString("c", item.Origin.Connection.Value);
                writer.WriteNumber("e", item.Origin.EventId);
                writer.WriteNumber("t", item.EventTime.ToUnixTimeMilliseconds());
                if (item is ChangeItem change)
                {
                    WriteChange(writer, change);
                }
                else if (item is RestoreItem restore)
                {
                    writer.WriteStartArray("b");
                    writer.WriteNumberValue(restore.Restored.Revision);
                    writer.WriteStringValue(restore.Restored.Key);
                    writer.WriteNumberValue(restore.Size.Bytes);
                    writer.WriteEndArray();
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        return buffer.WrittenMemory;
    }

    /// <param name="content">What <see cref="Write"/> wrote.</param>
    /// <param name="received">The time stamp at which this process took them in.</param>
    public static IReadOnlyList<SubmitItem> Read(ReadOnlyMemory<byte> content, long received)
    {
        using var document = JsonDocument.Parse(content);
        return [.. document.RootElement.EnumerateArray().Select(element => ReadItem(element, received))];
    }

    /// <summary>
    /// The answers to what was not accepted, or accepted before; null when everything was accepted now, unless <paramref name="always"/>. Who
    /// reads that something is outdated waits as for what was accepted.
    /// </summary>
    public static string? WriteAnswers(IReadOnlyList<Decision> decisions, bool always)
    {
        if (!always && decisions.All(static decision => decision is { Outcome: null, Resync: null, Repeat: null, IsOutdated: false, IsRefusedByWindow: false }))
        {
            return null;
        }

        Debug.Assert(decisions.Count <= ItemsMax, "The answers to more submissions may not fit a row.");
        var lengthMax = (TableLimits.StringCharactersMax - 2) / Math.Max(1, decisions.Count);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (var decision in decisions)
            {
                writer.WriteStringValue(
                    decision switch
                    {
                        { IsRefusedByWindow: true } => "h" + Refusals.BeforeDataset,
                        { Resync: { } reason } => "h" + Cut(reason, lengthMax),
                        { Outcome: ProjectOutcome.Denied } => "d",
                        // An engine of the last release takes it for something without an answer of its own.
                        { Outcome: ProjectOutcome.Refused { Reason: var reason } } => "f" + Cut(reason, lengthMax),
                        { Outcome: ProjectOutcome.Gone } => "g",
                        { IsOutdated: true } => "o",
                        { Repeat.Mark: var (local, revision) } => string.Create(CultureInfo.InvariantCulture, $"r{local},{revision}"),
                        _ => string.Empty,
                    }
                );
            }

            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Cuts a reason so that its JSON, with the code before it, quotes and a comma, takes at most so many characters.</summary>
    private static string Cut(string reason, int lengthMax)
    {
        var cut = Start(reason, ReasonLengthMax);
        var room = lengthMax - "\"h\",".Length;
        return JsonEncodedText.Encode(cut).Value.Length <= room ? cut : Start(cut, room / EscapeLengthMax);
    }

    /// <summary>At most so many characters, without half of a surrogate pair at the end.</summary>
    private static string Start(string text, int lengthMax)
    {
        var length = Math.Min(text.Length, lengthMax);
        return text[..(length > 0 && length < text.Length && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }

    /// <summary>The decisions about the items of a row, in their order. Accepted ones have neither outcome nor reason: the log tells.</summary>
    public static IReadOnlyList<Decision> ReadAnswers(string answers, IReadOnlyList<SubmitItem> items)
    {
        using var document = JsonDocument.Parse(answers);
        return
        [
            .. document
                .RootElement.EnumerateArray()
                .Select(static answer => answer.GetString()!)
                .Zip(
                    items,
                    static (answer, item) =>
                        answer switch
                        {
                            "d" => new Decision(item, Revision: null, new ProjectOutcome.Denied(), Resync: null),
                            "g" => new Decision(item, Revision: null, new ProjectOutcome.Gone(), Resync: null),
                            ['f', .. var reason] => new Decision(item, Revision: null, new ProjectOutcome.Refused(reason), Resync: null),
                            ['r', .. var mark] when item is ChangeItem change => new Decision(
                                item,
                                Revision: null,
                                Outcome: null,
                                Resync: null,
                                new RepeatItem(change, ReadMark(mark))
                            ),
                            // Named by its text, which an engine of the last release sends together with a dataset.
                            ['h', .. Refusals.BeforeDataset] => new Decision(item, Revision: null, Outcome: null, Resync: null) { IsRefusedByWindow = true },
                            ['h', .. var reason] => new Decision(item, Revision: null, Outcome: null, reason),
                            _ => new Decision(item, Revision: null, Outcome: null, Resync: null),
                        }
                ),
        ];
    }

    private static (long Local, long Revision) ReadMark(string mark)
    {
        var comma = mark.IndexOf(',', StringComparison.Ordinal);
        return (
            long.Parse(mark.AsSpan(0, comma), NumberStyles.None, CultureInfo.InvariantCulture),
            long.Parse(mark.AsSpan(comma + 1), NumberStyles.None, CultureInfo.InvariantCulture)
        );
    }

    private static void WriteChange(Utf8JsonWriter writer, ChangeItem change)
    {
        WriteOptional(writer, "s", change.Session);
        if (change.DatasetState.Stated is { } stated)
        {
            writer.WriteNumber("k", stated);
        }

        writer.WriteNumber("d", change.DatasetState.Sent);
        writer.WriteNumber("m", change.DatasetState.Made.ToUnixTimeMilliseconds());
        if (change.DatasetState.Pause is { } pause)
        {
            writer.WriteNumber("h", pause.Begun.ToUnixTimeMilliseconds());
            writer.WriteNumber("w", pause.Ends.ToUnixTimeMilliseconds());
            writer.WriteNumber("o", pause.Owed);
        }

        writer.WriteStartArray("r");
        foreach (var revision in change.Revisions)
        {
            writer.WriteStartObject();
            writer.WriteString("l", revision.LocalRevision);
            WriteOptional(writer, "i", revision.Client);
            WriteOptional(writer, "f", revision.ConflictResolutionFor);
            writer.WritePropertyName("x");
            writer.WriteRawValue(revision.Changes.Span, skipInputValidation: true);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static SubmitItem ReadItem(JsonElement element, long received)
    {
        var origin = new Origin(
            element.GetProperty("u").GetString()!,
            new ConnectionId(element.GetProperty("c").GetString()!),
            element.GetProperty("e").GetInt64()
        );
        var time = DateTimeOffset.FromUnixTimeMilliseconds(element.GetProperty("t").GetInt64());
        if (element.TryGetProperty("b", out var back))
        {
            var restored = new RestoredDataset(back[0].GetInt64(), back[1].GetString()!);
            return new RestoreItem(origin, time, received, restored, back[2].GetInt32());
        }

        if (!element.TryGetProperty("r", out var revisions))
        {
            return new ResetItem(origin, time, received);
        }

        var knowledge = new ClientDatasetState(
            element.TryGetProperty("k", out var stated) ? stated.GetInt64() : null,
            element.GetProperty("d").GetInt64(),
            ReadTime(element, "m") ?? time,
            ReadTime(element, "h") is { } begun
                ? new EditPause(begun, ReadTime(element, "w") ?? begun, element.TryGetProperty("o", out var owed) ? owed.GetInt64() : 0)
                : null
        );
        return new ChangeItem(
            origin,
            time,
            received,
            [.. revisions.EnumerateArray().Select(ReadRevision)],
            knowledge,
            ReadOptional(element, "s")
        );
    }

    private static SubmittedRevision ReadRevision(JsonElement element) =>
        new(
            element.GetProperty("l").GetString()!,
            ReadOptional(element, "i"),
            ReadOptional(element, "f"),
            JsonBytes.Of(element.GetProperty("x"))
        );

    private static DateTimeOffset? ReadTime(JsonElement element, string name) =>
        element.TryGetProperty(name, out var time) ? DateTimeOffset.FromUnixTimeMilliseconds(time.GetInt64()) : null;

    private static void WriteOptional(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    private static string? ReadOptional(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.GetString() : null;
}
