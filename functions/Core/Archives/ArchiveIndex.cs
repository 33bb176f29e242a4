using System.Buffers;
using System.Text.Json;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Archives;

/// <summary>
/// The ordered contents of versions in an archive: <c>[[version, label], …]</c>. Records in the archive refer to their
/// content by label, which has no meaning outside of it.
/// </summary>
internal sealed class ArchiveIndex
{
    private const int LabelLengthMax = 1_024;

    private readonly List<(JsonId Version, string Label)> contents = [];
    private readonly Dictionary<string, int> byLabel = new(StringComparer.Ordinal);

    public int Count => contents.Count;

    public (JsonId Version, string Label) this[int ordinal] => contents[ordinal];

    /// <summary>The distinct contents to which datasets refer.</summary>
    public static ArchiveIndex Of(params IEnumerable<Dataset> datasets)
    {
        var index = new ArchiveIndex();
        foreach (var dataset in datasets)
        {
            foreach (var record in dataset.Content.Find(StoreNames.Versions)?.ByAge() ?? [])
            {
                if (record.ContentKey is { } label)
                {
                    index.TryAdd(record.Id, label);
                }
            }
        }

        return index;
    }

    /// <summary>Reads an index from an untrusted archive.</summary>
    public static ArchiveIndex Read(ReadOnlyMemory<byte> json, Func<string, ArchiveException> fault)
    {
        using var document = JsonGuard.TryParse(json, depthMax: 3, out var reason) ?? throw fault(reason);
        if (document.RootElement.ValueKind != JsonValueKind.Array || document.RootElement.GetArrayLength() > ArchiveLimits.ContentsMax)
        {
            throw fault($"a list of at most {ArchiveLimits.ContentsMax} contents");
        }

        var index = new ArchiveIndex();
        foreach (var entry in document.RootElement.EnumerateArray())
        {
            if (
                entry.ValueKind != JsonValueKind.Array
                || entry.GetArrayLength() != 2
                || !RawText.TryReadId(entry[0], out var version)
                || DatasetFrames.TextOf(entry[1], LabelLengthMax) is not { } label
                || !index.TryAdd(version, label)
            )
            {
                throw fault($"content {index.Count + 1} has no version, or no unique label");
            }
        }

        return index;
    }

    public ReadOnlyMemory<byte> ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, DatasetFrames.WriteOptions))
        {
            writer.WriteStartArray();
            foreach (var (version, label) in contents)
            {
                writer.WriteStartArray();
                version.WriteTo(writer);
                writer.WriteStringValue(label);
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>The position of a label; null when it is unknown or belongs to another version.</summary>
    public int? Find(JsonId version, string label) =>
        byLabel.TryGetValue(label, out var ordinal) && contents[ordinal].Version == version ? ordinal : null;

    private bool TryAdd(JsonId version, string label)
    {
        if (!byLabel.TryAdd(label, contents.Count))
        {
            return false;
        }

        contents.Add((version, label));
        return true;
    }
}
