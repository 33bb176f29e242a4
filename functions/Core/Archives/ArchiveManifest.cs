using System.Buffers;
using System.Text.Json;
using ServerlessSync.Core.Datasets.Json;

namespace ServerlessSync.Core.Archives;

/// <summary>
/// The description of an archive: <c>{"format":1,"project","name","revision","highest","generation","time"}</c>.
/// </summary>
/// <param name="Project">
/// The project's id as JSON text, for information: an archive may be restored under any id.
/// </param>
/// <param name="Name">The name in the catalogue.</param>
/// <param name="Revision">The revision of the state.</param>
/// <param name="Highest">
/// The highest revision of the project; above <paramref name="Revision"/> when the log could not be read to its end.
/// </param>
/// <param name="Generation">The generation of its group.</param>
/// <param name="Time">When it was created.</param>
internal sealed record ArchiveManifest(string Project, string Name, long Revision, long Highest, long Generation, DateTimeOffset Time)
{
    private const int Format = 1;

    public ReadOnlyMemory<byte> ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("format"u8, Format);
            writer.WriteString("project"u8, Project);
            writer.WriteString("name"u8, Name);
            writer.WriteNumber("revision"u8, Revision);
            writer.WriteNumber("highest"u8, Highest);
            writer.WriteNumber("generation"u8, Generation);
            writer.WriteNumber("time"u8, Time.ToUnixTimeMilliseconds());
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>Reads a manifest from an untrusted archive.</summary>
    public static ArchiveManifest Read(ReadOnlyMemory<byte> json, Func<string, ArchiveException> fault)
    {
        using var document = JsonGuard.TryParse(json, depthMax: 2, out var reason) ?? throw fault(reason);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw fault("it is not an object");
        }

        if (Number(root, "format", minimum: 1, fault) is var format && format != Format)
        {
            throw fault($"format {format}; this version reads format {Format}");
        }

        var revision = Number(root, "revision", minimum: 0, fault);
        return new ArchiveManifest(
            Text(root, "project", fault),
            Text(root, "name", fault),
            revision,
            Number(root, "highest", revision, fault),
            Number(root, "generation", minimum: 1, fault),
            DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(Number(root, "time", minimum: 0, fault), TimeMax))
        );
    }

    /// <summary>The last moment of the year 9999, where .NET's calendar ends.</summary>
    private static long TimeMax { get; } = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private static long Number(JsonElement root, string name, long minimum, Func<string, ArchiveException> fault) =>
        root.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.Number
        && value.TryGetInt64(out var number)
        && number >= minimum
        && number <= ArchiveLimits.NumberMax
            ? number
            : throw fault($"{name}: a whole number from {minimum} to {ArchiveLimits.NumberMax}");

    private static string Text(JsonElement root, string name, Func<string, ArchiveException> fault) =>
        root.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
        && !RawText.HasLoneSurrogate(RawText.Of(value))
            ? value.GetString()!
            : throw fault($"{name}: a text");
}
