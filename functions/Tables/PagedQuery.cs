using System.Runtime.CompilerServices;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables;

/// <summary>A query that reads page after page, for the stores that have no continuation of their own.</summary>
internal static class PagedQuery
{
    /// <summary>
    /// Sorts after every key before it and before every other key that begins with it: keys hold no control characters.
    /// </summary>
    private const char SmallestSuffix = '\u0001';

    /// <summary>Reads at most this many rows of the range at one moment. A page that is not the last has a row.</summary>
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
