using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.State;

namespace ServerlessSync.Core.Archives;

/// <summary>
/// The format of a dataset in an archive: frames, each a length (4 bytes, big-endian) and a JSON array that begins with
/// the frame's kind. It is independent of the format of stored rows, which archives outlive.
/// </summary>
/// <remarks>
/// <c>["project",{fields}]</c>; <c>["store",name]</c>, followed by its records, oldest first:
/// <c>["record",id,{fields}]</c>, in a tree store followed by parent, order, whether the order is a field, and
/// parentIndex, and for a version with content by the content's label; <c>["phantom",store,phantom id,id]</c>
/// and <c>["removed",store,id]</c>, oldest first; <c>["session",name,local revision,revision,milliseconds]</c>.
/// </remarks>
internal sealed class DatasetFrames : IDisposable
{
    public const string Project = "project";
    public const string Store = "store";
    public const string Record = "record";
    public const string Phantom = "phantom";
    public const string Removed = "removed";
    public const string Session = "session";

    /// <summary>Bytes written at a time: below the size from which arrays go to the large object heap.</summary>
    private const int FlushBytes = 64 * 1024;

    private readonly ArchiveItemWriter item;
    private readonly ArrayBufferWriter<byte> pending = new(FlushBytes);
    private readonly ArrayBufferWriter<byte> frame = new();
    private readonly Utf8JsonWriter writer;

    private DatasetFrames(ArchiveItemWriter item)
    {
        this.item = item;
        writer = new Utf8JsonWriter(frame, WriteOptions);
    }

    public static JsonWriterOptions WriteOptions { get; } = new() { SkipValidation = true, MaxDepth = DatasetLimits.DepthMax + 2 };

    /// <summary>A string of 1 to <paramref name="lengthMax"/> characters; null for anything else.</summary>
    public static string? TextOf(JsonElement element, int lengthMax) =>
        element.ValueKind == JsonValueKind.String
        && !RawText.HasLoneSurrogate(RawText.Of(element))
        && element.GetString() is { Length: > 0 } text
        && text.Length <= lengthMax
            ? text
            : null;

    /// <summary>
    /// Writes the content of a dataset and, with <paramref name="sessions"/>, the remembered ids and sessions.
    /// </summary>
    public static async Task WriteAsync(
        ArchiveItemWriter item,
        Dataset dataset,
        DeduplicationState? sessions,
        CancellationToken cancellationToken
    )
    {
        using var frames = new DatasetFrames(item);
        await frames.WriteAsync(dataset, sessions, cancellationToken);
    }

    public void Dispose() => writer.Dispose();

    private async Task WriteAsync(Dataset dataset, DeduplicationState? sessions, CancellationToken cancellationToken)
    {
        await FrameAsync(Project, () => writer.WriteRawValue(dataset.Content.Project, skipInputValidation: true), cancellationToken);
        foreach (var store in dataset.Content.Stores.Where(static store => store.Count > 0))
        {
            await FrameAsync(Store, () => writer.WriteStringValue(store.Name), cancellationToken);
            foreach (var record in store.ByAge())
            {
                await FrameAsync(Record, () => Write(store, record), cancellationToken);
            }
        }

        if (sessions is not null)
        {
            await WriteMemoryAsync(dataset.Memory, sessions, cancellationToken);
        }

        await FlushAsync(cancellationToken);
    }

    private async Task WriteMemoryAsync(IdRegistry memory, DeduplicationState sessions, CancellationToken cancellationToken)
    {
        foreach (var (phantom, id) in memory.Phantoms.Entries)
        {
            await FrameAsync(
                Phantom,
                () =>
                {
                    writer.WriteStringValue(phantom.Store);
                    phantom.Id.WriteTo(writer);
                    id.WriteTo(writer);
                },
                cancellationToken
            );
        }

        foreach (var (removed, _) in memory.Removed.Entries)
        {
            await FrameAsync(
                Removed,
                () =>
                {
                    writer.WriteStringValue(removed.Store);
                    removed.Id.WriteTo(writer);
                },
                cancellationToken
            );
        }

        foreach (var (session, mark) in sessions.Sessions)
        {
            await FrameAsync(
                Session,
                () =>
                {
                    writer.WriteStringValue(session);
                    writer.WriteNumberValue(mark.Number);
                    writer.WriteNumberValue(mark.Revision);
                    writer.WriteNumberValue(mark.Time);
                },
                cancellationToken
            );
        }
    }

    // Not shared with snapshots, which look the same today: their form may change with any release, and this one may not.
    private void Write(RecordStore store, DataRecord record)
    {
        record.Id.WriteTo(writer);
        writer.WriteRawValue(record.Body.Span, skipInputValidation: true);
        if (store.IsTree)
        {
            if (record.Parent.IsEmpty)
            {
                writer.WriteNullValue();
            }
            else
            {
                record.Parent.WriteTo(writer);
            }

            writer.WriteNumberValue(record.Order);
            writer.WriteBooleanValue(record.OrderIsField);
            writer.WriteNumberValue(record.ParentIndex);
        }
        else if (record.ContentKey is { } label)
        {
            writer.WriteStringValue(label);
        }
    }

    private ValueTask FrameAsync(string what, Action write, CancellationToken cancellationToken)
    {
        Frame(what, write);
        return pending.WrittenCount >= FlushBytes ? FlushAsync(cancellationToken) : ValueTask.CompletedTask;
    }

    /// <summary>Writes to memory only, so it is synchronous.</summary>
    private void Frame(string what, Action write)
    {
        frame.ResetWrittenCount();
        writer.Reset(frame);
        writer.WriteStartArray();
        writer.WriteStringValue(what);
        write();
        writer.WriteEndArray();
        writer.Flush();
        BinaryPrimitives.WriteInt32BigEndian(pending.GetSpan(sizeof(int)), frame.WrittenCount);
        pending.Advance(sizeof(int));
        pending.Write(frame.WrittenSpan);
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await item.WriteAsync(pending.WrittenMemory, cancellationToken);
        pending.ResetWrittenCount();
    }
}
