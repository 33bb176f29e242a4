using System.Runtime.CompilerServices;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Log;

/// <content>Payloads: base datasets, snapshots, anchors, datasets of restores and contents of versions.</content>
public sealed partial class ProjectLog
{
    /// <summary>The payload under a key (base dataset or snapshot), or null when a row of it is missing.</summary>
    public Task<byte[]?> ReadPayloadAsync(string key, CancellationToken cancellationToken) =>
        ReadPayloadAsync(key, memory: null, cancellationToken);

    /// <summary>
    /// The same. <paramref name="memory"/> takes the memory before it is allocated, and afterwards holds the payload's
    /// length.
    /// </summary>
    /// <exception cref="LoadingRefusedException">The payload does not fit the budget.</exception>
    internal async Task<byte[]?> ReadPayloadAsync(string key, MemoryAccount? memory, CancellationToken cancellationToken)
    {
        using var unpacking = new Unpacking();
        var (index, rowCount, taken) = (0, 0L, 0L);
        await foreach (
            var row in store.Background.QueryAsync(TableName.Data, partition, RowKeys.Chunks(key), limit: null, cancellationToken)
        )
        {
            if (!string.Equals(row.RowKey, RowKeys.Chunk(key, index), StringComparison.Ordinal))
            {
                return null;
            }

            if (index++ == 0)
            {
                StoredFormat.Check(row, Payload.Format);
                rowCount = row.GetInt64("rows") ?? 0;
            }

            Payload.Unpack(row, unpacking);
            taken = await GrowAsync(memory, taken, unpacking.Length);
        }

        if (index == 0 || index != rowCount)
        {
            return null;
        }

        await GrowAsync(memory, taken, 2L * unpacking.Length);
        var content = unpacking.ToArray();
        memory?.Set(memory.Bytes - unpacking.Length);
        return content;
    }

    private static async Task<long> GrowAsync(MemoryAccount? memory, long taken, long needed)
    {
        if (memory is not null)
        {
            await memory.ReserveAsync(needed - taken);
        }

        return needed;
    }

    /// <summary>
    /// The keys of datasets of restores. Some may be incomplete because they are being written or removed.
    /// </summary>
    internal async IAsyncEnumerable<string> ReadRestoredKeysAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (
            var row in store.QueryAsync(TableName.Data, partition, RowKeys.AllRestored, limit: null, cancellationToken)
        )
        {
            if (row.GetInt64("rows") is not null)
            {
                yield return row.RowKey;
            }
        }
    }

    /// <summary>
    /// Stores a payload under a key that no other writer uses. Readers ignore it until a head names the key, so its
    /// rows need no common transaction.
    /// </summary>
    public async Task WritePayloadAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var marks = new Dictionary<string, TableValue>(StringComparer.Ordinal) { ["format"] = Payload.Format };
        foreach (var row in Payload.ToRows(key, Payload.Compress(content.Span), marks))
        {
            var result = await store.Background.SubmitAsync(TableName.Data, partition, [row], cancellationToken);
            if (result is not TransactionResult.Committed)
            {
                throw new InvalidDataException($"Payload '{key}' of project {Project} exists already.");
            }
        }
    }
}
