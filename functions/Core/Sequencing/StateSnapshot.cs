using System.Buffers;
using System.Text.Json;
using ServerlessSync.Core.Data;

namespace ServerlessSync.Core.Sequencing;

/// <summary>A folded state as one JSON text and back. A base dataset is the state of revision 0.</summary>
internal static class StateSnapshot
{
    private const int Format = 1;

    // What an imported record may hold, and the levels that are written around it.
    private const int DepthMax = DatasetLimits.DepthMax + 16;

    private static readonly JsonDocumentOptions ReadOptions = new() { MaxDepth = DepthMax };
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
            writer.WritePropertyName("dataset");
            state.Dataset.WriteSnapshot(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    public static ProjectState Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, ReadOptions);
        var root = document.RootElement;
        var format = root.GetProperty("format").GetInt32();
        if (format > Format)
        {
            throw new InvalidDataException($"A snapshot has format {format}; this version knows up to {Format}.");
        }

        var state = new ProjectState(Dataset.ReadSnapshot(root.GetProperty("dataset")));
        state.Repeats.ReadFrom(root);
        state.Restore(
            root.GetProperty("revision").GetInt64(),
            root.GetProperty("resetRevision").GetInt64(),
            DateTimeOffset.FromUnixTimeMilliseconds(root.GetProperty("resetTime").GetInt64())
        );
        return state;
    }
}
