using System.Buffers.Binary;
using System.Text;
using ServerlessSync.Core.Archives;

namespace ServerlessSync.Core.Tests.Archives;

/// <summary>A forged archive: all its digests are valid, but its content is arbitrary.</summary>
internal sealed class ForgedArchive
{
    public string Manifest { get; init; } = """{"format":1,"project":"1","name":"Forged","revision":5,"highest":5,"generation":1,"time":0}""";

    public string Access { get; init; } = """[0,["Olga",3]]""";

    public string Index { get; init; } = "[]";

    public IReadOnlyList<string> Base { get; init; } = [];

    public IEnumerable<string> State { get; init; } = [];

    public IReadOnlyList<string> Contents { get; init; } = [];

    public IReadOnlyList<ArchiveItemKind> Order { get; init; } =
        [ArchiveItemKind.Manifest, ArchiveItemKind.Access, ArchiveItemKind.Index, ArchiveItemKind.Base, ArchiveItemKind.State];

    /// <summary>The size in bytes that the first frame states; null for its true size.</summary>
    public int? FirstLength { get; init; }

    /// <summary>Bytes to append at the end.</summary>
    public byte[] Tail { get; init; } = [(byte)ArchiveItemKind.End];

    /// <summary>The parts; compressed <paramref name="zeros"/> replace the texts of an item of that kind.</summary>
    public async Task<List<byte[]>> PartsAsync(ArchiveItemKind? bomb = null, long zeros = 0)
    {
        var store = new MemoryArchive();
        var writer = new ArchiveWriter(store, "forged");
        foreach (var kind in Order.Concat(Contents.Select(static _ => ArchiveItemKind.Content)).Distinct())
        {
            foreach (var content in kind == ArchiveItemKind.Content ? Contents : [string.Empty])
            {
                await writer.WriteItemAsync(
                    kind,
                    item => kind == bomb ? WriteZerosAsync(item, zeros) : WriteAsync(item, kind, content),
                    CancellationToken.None
                );
            }
        }

        await writer.WriteAsync(Tail);
        await writer.FinishPartAsync(isLast: true, CancellationToken.None);
        return [.. store.Parts.OrderBy(static part => part.Key).Select(static part => part.Value)];
    }

    private async Task WriteAsync(ArchiveItemWriter item, ArchiveItemKind kind, string content)
    {
        switch (kind)
        {
            case ArchiveItemKind.Manifest:
                await TextAsync(item, Manifest);
                break;
            case ArchiveItemKind.Access:
                await TextAsync(item, Access);
                break;
            case ArchiveItemKind.Index:
                await TextAsync(item, Index);
                break;
            case ArchiveItemKind.Base:
                await FramesAsync(item, Base);
                break;
            case ArchiveItemKind.State:
                await FramesAsync(item, State);
                break;
            default:
                await TextAsync(item, content);
                break;
        }
    }

    private static async Task TextAsync(ArchiveItemWriter item, string text) => await item.WriteAsync(Encoding.UTF8.GetBytes(text));

    private async Task FramesAsync(ArchiveItemWriter item, IEnumerable<string> frames)
    {
        var claimed = FirstLength;
        foreach (var frame in frames)
        {
            var bytes = Encoding.UTF8.GetBytes(frame);
            var length = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, claimed ?? bytes.Length);
            claimed = null;
            await item.WriteAsync(length);
            await item.WriteAsync(bytes);
        }
    }

    private static async Task WriteZerosAsync(ArchiveItemWriter item, long count)
    {
        var zeros = new byte[1024 * 1024];
        for (var left = count; left > 0; left -= zeros.Length)
        {
            await item.WriteAsync(zeros);
        }
    }
}

/// <summary>Parts in memory.</summary>
internal sealed class MemoryArchive : IArchiveStore
{
    public Dictionary<int, byte[]> Parts { get; } = [];

    public Task WriteAsync(string archive, int number, ReadOnlyMemory<byte> part, CancellationToken cancellationToken)
    {
        Parts[number] = part.ToArray();
        return Task.CompletedTask;
    }

    public Task<byte[]?> ReadAsync(string archive, int number, CancellationToken cancellationToken) =>
        Task.FromResult(Parts.GetValueOrDefault(number));

    public Task RemoveAsync(string archive, CancellationToken cancellationToken)
    {
        Parts.Clear();
        return Task.CompletedTask;
    }
}
