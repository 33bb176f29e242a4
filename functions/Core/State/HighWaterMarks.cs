using System.Text.Json;

namespace ServerlessSync.Core.State;

/// <summary>The highest number accepted under a name, the revision it became, and when (Unix milliseconds).</summary>
internal readonly record struct HighWaterMark(long Number, long Revision, long Time);

/// <summary>Marks by name, oldest first, bounded by age and count.</summary>
internal sealed class HighWaterMarks(TimeSpan horizon, int countMax)
{
    private readonly Dictionary<string, LinkedListNode<(string Key, HighWaterMark Mark)>> byKey = new(StringComparer.Ordinal);
    /// <summary>A slot of the dictionary, a node of the list, the string's header and the mark.</summary>
    private const long EntryBytes = 160;

    private readonly LinkedList<(string Key, HighWaterMark Mark)> byAge = new();
    private long keyBytes;

    /// <summary>A rough count of the memory it takes.</summary>
    public long ApproximateBytes => (EntryBytes * byKey.Count) + keyBytes;

    /// <summary>All marks, oldest first.</summary>
    public IEnumerable<(string Key, HighWaterMark Mark)> Entries => byAge;

    public HighWaterMark? Find(string key) => byKey.TryGetValue(key, out var node) ? node.Value.Mark : null;

    public void Put(string key, HighWaterMark mark)
    {
        if (byKey.Remove(key, out var old))
        {
            byAge.Remove(old);
            keyBytes -= BytesOf(key);
        }

        byKey[key] = byAge.AddLast((key, mark));
        keyBytes += BytesOf(key);
    }

    public void Forget(long now)
    {
        var before = now - (long)horizon.TotalMilliseconds;
        while (byAge.First is { } oldest && (oldest.Value.Mark.Time < before || byKey.Count > countMax))
        {
            byKey.Remove(oldest.Value.Key);
            byAge.RemoveFirst();
            keyBytes -= BytesOf(oldest.Value.Key);
        }
    }

    private static long BytesOf(string key) => 2L * key.Length;

    public HighWaterMarks Clone()
    {
        var copy = new HighWaterMarks(horizon, countMax);
        foreach (var (key, mark) in byAge)
        {
            copy.Put(key, mark);
        }

        return copy;
    }

    public void WriteTo(Utf8JsonWriter writer, string name)
    {
        writer.WriteStartArray(name);
        foreach (var (key, mark) in byAge)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(key);
            writer.WriteNumberValue(mark.Number);
            writer.WriteNumberValue(mark.Revision);
            writer.WriteNumberValue(mark.Time);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    public void ReadFrom(JsonElement marks)
    {
        foreach (var mark in marks.EnumerateArray())
        {
            Put(mark[0].GetString()!, new HighWaterMark(mark[1].GetInt64(), mark[2].GetInt64(), mark[3].GetInt64()));
        }
    }
}
