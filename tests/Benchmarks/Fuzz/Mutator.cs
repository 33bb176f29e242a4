using System.Text.Json;

namespace ServerlessSync.Benchmarks.Fuzz;

/// <summary>Mutates a change set: mostly by replacing JSON values, so that it stays readable, sometimes byte by byte.</summary>
internal sealed class Mutator(int seed)
{
    private const int RoundsMax = 3;

    // Keeps repeated mutations from growing to megabytes, which would only test the limit on frames.
    private const int BytesMax = 64 * 1024;

    private readonly Random dice = new(seed);

    public byte[] Next()
    {
        var text = Pick(Corpus.ChangeSets);
        for (var round = Below(RoundsMax); round >= 0; round--)
        {
            text = Below(40) switch
            {
                < 20 => Exchange(text, Pick(Corpus.ChangeSets), isLike: true),
                < 30 => Exchange(text, Pick(Corpus.ChangeSets), isLike: false),
                < 36 => Repeat(text),
                36 or 37 => Replace(text, Pick(Corpus.Pieces)),
                38 => Splice(text, Below(text.Length + 1), 0, Pick(Corpus.Pieces)),
                _ => Splice(text, Below(text.Length + 1), Below(8), []),
            };
            if (text.Length > BytesMax)
            {
                return text[..BytesMax];
            }
        }

        return text;
    }

    /// <summary>Replaces a value by one of another change set, mostly one of the same type.</summary>
    private byte[] Exchange(byte[] text, byte[] other, bool isLike)
    {
        var places = ValuesOf(text);
        if (places.Count == 0)
        {
            return text;
        }

        var place = Pick(places);
        var values = ValuesOf(other);
        var like = values.Where(value => !isLike || other[value.Start.Value] == text[place.Start.Value]).ToList();
        return like.Count == 0
            ? text
            : Splice(text, place.Start.Value, place.End.Value - place.Start.Value, other[Pick(like)]);
    }

    private byte[] Replace(byte[] text, byte[] value)
    {
        var places = ValuesOf(text);
        if (places.Count == 0)
        {
            return Splice(text, Below(text.Length + 1), Below(4), value);
        }

        var place = Pick(places);
        return Splice(text, place.Start.Value, place.End.Value - place.Start.Value, value);
    }

    /// <summary>Repeats an element of a list, up to a thousand times.</summary>
    private byte[] Repeat(byte[] text)
    {
        var places = ValuesOf(text);
        if (places.Count == 0)
        {
            return text;
        }

        var place = Pick(places);
        byte[] again = [.. text[place], (byte)','];
        var times = Below(20) == 0 ? Below(1_000) : Below(4);
        times = Math.Min(times, BytesMax / again.Length);
        return Splice(text, place.Start.Value, 0, [.. Enumerable.Repeat(again, times).SelectMany(static bytes => bytes)]);
    }

    private static List<Range> ValuesOf(byte[] text)
    {
        var values = new List<Range>();
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = 1_000 });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.EndObject or JsonTokenType.EndArray)
                {
                    continue;
                }

                var inner = reader;
                inner.Skip();
                values.Add((int)reader.TokenStartIndex..(int)inner.BytesConsumed);
            }
        }
        catch (JsonException)
        {
            // The part before the fault is enough to continue.
        }

        return values;
    }

    private static byte[] Splice(byte[] text, int start, int length, byte[] value) =>
        [.. text[..start], .. value, .. text[Math.Min(text.Length, start + length)..]];

#pragma warning disable CA5394 // Repeatable on purpose; nothing is kept secret by it.
    private int Below(int bound) => dice.Next(bound);
#pragma warning restore CA5394

    private T Pick<T>(IReadOnlyList<T> list) => list[Below(list.Count)];
}
