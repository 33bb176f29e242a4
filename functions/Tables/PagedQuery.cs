using System.Runtime.CompilerServices;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables;

/// <summary>A query that reads page by page, for the stores without continuation tokens of their own.</summary>
internal static class PagedQuery
{
    /// <summary>
    /// Appended to a key, sorts after that key and before every other key with that prefix: keys hold no control
    /// characters.
    /// </summary>
    private const char SmallestSuffix = '\u0001';

    /// <summary>Atomically reads at most this many rows of the range. A page that is not the last has at least one row.</summary>
    public delegate Task<TablePage> ReadPage(RowRange range, int rowsMax, CancellationToken cancellationToken);

    public static async IAsyncEnumerable<TableRow> RowsAsync(
        RowRange range,
        int? limit,
        ReadPage readPage,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var rest = range;
        var wanted = limit ?? int.MaxValue;
        while (wanted > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var page = await readPage(rest, wanted, cancellationToken);
            foreach (var row in page.Rows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return row;
            }

            if (page.IsLast)
            {
                yield break;
            }

            wanted -= page.Rows.Count;
            rest = rest with { From = page.Rows[^1].RowKey + SmallestSuffix };
        }
    }
}
