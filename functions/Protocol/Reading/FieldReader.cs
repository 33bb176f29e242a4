using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using ServerlessSync.Core.Model;
using ServerlessSync.Protocol.Wire;

namespace ServerlessSync.Protocol.Reading;

/// <summary>Reads single fields. False means that the value has the wrong type or exceeds its limit.</summary>
internal static class FieldReader
{
    // A character of an id takes at most 6 bytes of JSON (\u0041), plus two quotes. Longer values are refused without being
    // decoded; no valid id is that long.
    private const int IdBytesMax = (6 * JsonId.LengthMax) + 2;

    /// <summary>Reads a string.</summary>
    public static bool TryReadText(
        JsonSlice slice,
        ReadOnlyMemory<byte> json,
        [NotNullWhen(true)] out string? text
    )
    {
        text = null;
        if (slice.Kind != JsonTokenType.String)
        {
            return false;
        }

        var reader = new Utf8JsonReader(slice.In(json).Span);
        reader.Read();
        try
        {
            text = reader.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, written as an escape: JSON allows it, but a string cannot hold it.
            return false;
        }

        return text is not null;
    }

    /// <summary>Reads <c>data.project</c>; null when the message does not name one.</summary>
    public static bool TryReadProject(JsonSlice slice, ReadOnlyMemory<byte> json, out ProjectId? project)
    {
        var isUsable = TryReadId(slice, json, out var id);
        project = id is { } known ? new ProjectId(known) : null;
        return isUsable;
    }

    /// <summary>Reads an id; null when it is absent.</summary>
    public static bool TryReadId(JsonSlice slice, ReadOnlyMemory<byte> json, out JsonId? id)
    {
        id = null;
        if (slice.IsNothing)
        {
            return true;
        }

        if (!slice.IsStringOrNumber || slice.Length > IdBytesMax)
        {
            return false;
        }

        var reader = new Utf8JsonReader(slice.In(json).Span);
        if (!JsonId.TryRead(JsonElement.ParseValue(ref reader), out var read))
        {
            return false;
        }

        id = read;
        return true;
    }

    /// <summary>Reads the JSON text of an id that is only passed on; null when it is absent.</summary>
    public static bool TryReadToken(JsonSlice slice, ReadOnlyMemory<byte> json, out string? token)
    {
        token = null;
        if (slice.IsNothing)
        {
            return true;
        }

        if (!slice.IsStringOrNumber || !FitsToken(slice.In(json).Span))
        {
            return false;
        }

        token = slice.TextIn(json);
        return true;
    }

    /// <summary>Reads <c>data.session</c>; null when it is absent.</summary>
    public static bool TryReadSession(JsonSlice slice, ReadOnlyMemory<byte> json, out string? session)
    {
        session = null;
        return slice.IsNothing
            || (
                FitsToken(slice.In(json).Span)
                && TryReadText(slice, json, out session)
                && session.Length > 0
            );
    }

    /// <summary>Reads <c>data.datasetRevision</c>; null when it is absent.</summary>
    public static bool TryReadRevisionNumber(JsonSlice slice, ReadOnlyMemory<byte> json, out long? number)
    {
        number = null;
        if (slice.IsNothing)
        {
            return true;
        }

        if (slice.Kind != JsonTokenType.Number)
        {
            return false;
        }

        var reader = new Utf8JsonReader(slice.In(json).Span);
        reader.Read();
        if (!reader.TryGetInt64(out var value) || value is < 0 or > MessageLimits.RevisionNumberMax)
        {
            return false;
        }

        number = value;
        return true;
    }

    private static bool FitsToken(ReadOnlySpan<byte> utf8) =>
        Encoding.UTF8.GetCharCount(utf8) <= MessageLimits.TokenLengthMax;
}
