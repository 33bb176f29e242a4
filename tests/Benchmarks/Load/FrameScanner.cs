using System.Text.Json;

namespace ServerlessSync.Benchmarks.Load;

/// <summary>The kind of a frame, as far as a load test needs it.</summary>
internal enum FrameKind
{
    Other,
    Login,
    Dataset,
    Change,
    Error,
}

/// <summary>One revision of a <c>project_change</c>.</summary>
/// <param name="Number">The server's number; 0 when it has none.</param>
/// <param name="Client">The position of the author's client id in the frame, without quotes; empty when absent.</param>
/// <param name="Local">The author's own number; 0 when it has none.</param>
/// <param name="Changes">The position of the change set in the frame.</param>
internal readonly record struct ScannedRevision(long Number, Range Client, int Local, Range Changes);

/// <summary>
/// Reads only what is counted and skips the rest, without creating strings: with fifty receivers, the driver's own work
/// takes a large part of the machine.
/// </summary>
internal sealed class FrameScanner
{
    private readonly List<ScannedRevision> revisions = [];

    public FrameKind Kind { get; private set; }

    /// <summary>The revisions in order; overwritten by the next frame.</summary>
    public IReadOnlyList<ScannedRevision> Revisions => revisions;

    /// <summary>The id that <c>login</c> assigned to this connection.</summary>
    public string? Client { get; private set; }

    public void Scan(ReadOnlySpan<byte> frame)
    {
        revisions.Clear();
        Kind = FrameKind.Other;
        Client = null;
        var isError = false;
        var reader = new Utf8JsonReader(frame);
        Expect(ref reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("command"u8))
            {
                reader.Read();
                Kind = KindOf(ref reader);
            }
            else if (reader.ValueTextEquals("data"u8))
            {
                reader.Read();
                ScanData(ref reader);
            }
            else
            {
                isError |= reader.ValueTextEquals("error"u8);
                reader.Skip();
            }
        }

        Kind = isError ? FrameKind.Error : Kind;
    }

    private static FrameKind KindOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("project_change"u8) ? FrameKind.Change
        : reader.ValueTextEquals("dataset"u8) ? FrameKind.Dataset
        : reader.ValueTextEquals("login"u8) ? FrameKind.Login
        : reader.ValueTextEquals("error"u8) ? FrameKind.Error
        : FrameKind.Other;

    private void ScanData(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("revisions"u8))
            {
                Expect(ref reader, JsonTokenType.StartArray);
                while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                {
                    revisions.Add(ScanRevision(ref reader));
                }
            }
            else if (reader.ValueTextEquals("client"u8))
            {
                reader.Read();
                Client = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static ScannedRevision ScanRevision(ref Utf8JsonReader reader)
    {
        var revision = new ScannedRevision(0, default, 0, default);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("revision"u8))
            {
                reader.Read();
                revision = revision with { Number = NumberOf(ref reader) };
            }
            else if (reader.ValueTextEquals("localRevision"u8))
            {
                reader.Read();
                revision = revision with { Local = (int)NumberOf(ref reader) };
            }
            else if (reader.ValueTextEquals("client"u8))
            {
                reader.Read();
                revision = revision with { Client = Inside(ref reader) };
            }
            else if (reader.ValueTextEquals("changes"u8))
            {
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                revision = revision with { Changes = start..(int)reader.BytesConsumed };
            }
            else
            {
                reader.Skip();
            }
        }

        return revision;
    }

    /// <summary><c>42</c>, or the digits at the end of <c>"server-42"</c>.</summary>
    private static long NumberOf(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.Number or JsonTokenType.String))
        {
            return 0;
        }

        var text = reader.ValueSpan;
        var digits = text[(text.LastIndexOf((byte)'-') + 1)..];
        return long.TryParse(digits, out var number) ? number : 0;
    }

    private static Range Inside(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return default;
        }

        var start = (int)reader.TokenStartIndex + 1;
        return start..(start + reader.ValueSpan.Length);
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (!reader.Read() || reader.TokenType != type)
        {
            throw new JsonException($"The frame has no {type} where the protocol requires one.");
        }
    }
}
