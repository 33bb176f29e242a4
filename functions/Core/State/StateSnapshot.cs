using System.Buffers;
using System.Text.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;

namespace ServerlessSync.Core.State;

/// <summary>A folded state as one JSON text and back. A base dataset is the state of revision 0.</summary>
internal static class StateSnapshot
{
    private const int Format = 1;
    private const string DatasetField = "dataset";

    // What an imported record may hold, and the levels that are written around it.
    private const int DepthMax = DatasetLimits.DepthMax + 16;

    private static readonly JsonReaderOptions ReadOptions = new() { MaxDepth = DepthMax };
    private static readonly JsonWriterOptions WriteOptions = new() { SkipValidation = true, MaxDepth = DepthMax };

    public static ReadOnlyMemory<byte> WriteBase(Dataset dataset) => Write(new ProjectState(dataset));

    public static ReadOnlyMemory<byte> Write(ProjectState state)
    {
        var buffer = new ArrayBufferWriter<byte>(64 * 1024);
        using (var writer = new Utf8JsonWriter(buffer, WriteOptions))
        {
            writer.WriteStartObject();
            writer.WriteNumber("format", Format);
            writer.WriteNumber("revision", state.Revision);
            writer.WriteNumber("resetRevision", state.ResetRevision);
            writer.WriteNumber("resetTime", state.ResetTime.ToUnixTimeMilliseconds());
            state.Repeats.WriteTo(writer);
            writer.WritePropertyName(DatasetField);
            state.Dataset.WriteSnapshot(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>
    /// Reads the state that is stored under a key, when the turn of <paramref name="loading"/> has come; null when a row of it is missing. What
    /// it takes is counted before it is there, and what is left of that afterwards.
    /// </summary>
    /// <exception cref="LoadingRefusedException">There is no room for it now, or the turn did not come in time.</exception>
    public static Task<StoredState?> ReadAsync(
        ProjectLog log,
        string key,
        LoadingScope loading,
        CancellationToken cancellationToken
    ) => loading.LoadAsync(() => ReadAsync(log, key, loading.Memory, cancellationToken), cancellationToken);

    /// <summary>
    /// Reads the newest snapshot that a head names, or the anchor or base while there is none. A snapshot can be removed while it is read: the
    /// head then names another one.
    /// </summary>
    /// <returns>The head that names it, and the state.</returns>
    public static async Task<(StoredHead Head, StoredState State)> ReadNewestAsync(
        ProjectLog log,
        StoredHead head,
        LoadingScope loading,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            var key = head.Value.StateKey();
            if (await ReadAsync(log, key, loading, cancellationToken) is { } stored)
            {
                return (head, stored);
            }

            var again = await log.ReadHeadAsync(cancellationToken);
            if (again is { Value.IsDeleted: true })
            {
                throw new ProjectDeletedException(log.Project);
            }

            // Each round needs another engine to have named a newer snapshot, so this ends.
            if (again is null || string.Equals(again.Value.StateKey(), key, StringComparison.Ordinal))
            {
                throw new InvalidDataException($"Project {log.Project} has no complete payload '{key}'.");
            }

            head = again;
        }
    }

    private static async Task<StoredState?> ReadAsync(
        ProjectLog log,
        string key,
        MemoryAccount memory,
        CancellationToken cancellationToken
    )
    {
        var before = memory.Bytes;
        if (await log.ReadPayloadAsync(key, memory, cancellationToken) is not { } payload)
        {
            memory.Set(before);
            return null;
        }

        await memory.ReserveAsync((long)LoadingCost.Parse * payload.Length);
        var state = Read(payload);
        memory.Set(before + state.ApproximateBytes);
        return new StoredState(state, payload.Length);
    }

    /// <summary>Reads a state. The dataset comes last and is read as it comes: it is nearly all of the text.</summary>
    public static ProjectState Read(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span, ReadOptions);
        var marks = ReadMarks(ref reader);
        var format = marks["format"].GetInt32();
        if (format > Format)
        {
            throw new InvalidDataException($"A snapshot has format {format}; this version knows up to {Format}.");
        }

        var state = new ProjectState(Dataset.ReadSnapshot(ref reader, json));
        state.Repeats.ReadFrom(marks);
        state.Restore(
            marks["revision"].GetInt64(),
            marks["resetRevision"].GetInt64(),
            DateTimeOffset.FromUnixTimeMilliseconds(marks["resetTime"].GetInt64())
        );
        return state;
    }

    /// <summary>The fields before the dataset; the reader is then at the first token of that.</summary>
    private static Dictionary<string, JsonElement> ReadMarks(ref Utf8JsonReader reader)
    {
        var marks = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (string.Equals(name, DatasetField, StringComparison.Ordinal))
            {
                return marks;
            }

            marks.Add(name, JsonElement.ParseValue(ref reader));
        }

        throw new InvalidDataException("A snapshot has no dataset.");
    }
}

/// <summary>A state as it was stored.</summary>
/// <param name="State">The state.</param>
/// <param name="Bytes">Bytes of its JSON text.</param>
internal sealed record StoredState(ProjectState State, int Bytes);
