using System.Globalization;
using System.IO.Compression;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Log;

/// <summary>
/// Compresses a payload and splits it into binary properties and rows: a property holds 64 KiB and a row 1 MiB.
/// </summary>
internal static class Payload
{
    /// <summary>The format of payload rows other than commits.</summary>
    public const long Format = 1;

    /// <summary>
    /// Properties per row: 15 of 64 KiB are 960 KiB, which leaves the rest of the row's 1 MiB for names and marks.
    /// </summary>
    public const int PropertiesPerRow = 15;

    /// <summary>Bytes per row.</summary>
    public const int RowBytes = PropertiesPerRow * TableLimits.PropertyBytesMax;

    public static byte[] Compress(ReadOnlySpan<byte> content)
    {
        using var buffer = new MemoryStream(Math.Max(256, content.Length / 3));
        using (var brotli = new BrotliStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
        {
            brotli.Write(content);
        }

        return buffer.ToArray();
    }

    /// <summary>The rows that hold a compressed payload; the first one also carries <paramref name="marks"/>.</summary>
    public static IReadOnlyList<TableAction> ToRows(
        string key,
        byte[] compressed,
        IReadOnlyDictionary<string, TableValue> marks
    )
    {
        var rowCount = Math.Max(1, (compressed.Length + RowBytes - 1) / RowBytes);
        var rows = new List<TableAction>(rowCount);
        for (var row = 0; row < rowCount; row++)
        {
            var properties = row == 0
                ? new Dictionary<string, TableValue>(marks, StringComparer.Ordinal) { ["rows"] = rowCount }
                : new Dictionary<string, TableValue>(StringComparer.Ordinal);
            var rowStart = row * RowBytes;
            var rowEnd = Math.Min(compressed.Length, rowStart + RowBytes);
            for (var start = rowStart; start < rowEnd; start += TableLimits.PropertyBytesMax)
            {
                var end = Math.Min(rowEnd, start + TableLimits.PropertyBytesMax);
                properties[PropertyName((start - rowStart) / TableLimits.PropertyBytesMax)] = compressed[start..end];
            }

            rows.Add(new TableAction.Insert(RowKeys.Chunk(key, row), properties));
        }

        return rows;
    }

    /// <summary>The payload of consecutive rows, or null when a row of it is missing.</summary>
    public static byte[]? FromRows(IReadOnlyList<TableRow> rows)
    {
        if (rows.Count == 0 || rows[0].GetInt64("rows") != rows.Count)
        {
            return null;
        }

        using var unpacking = new Unpacking();
        foreach (var row in rows)
        {
            Unpack(row, unpacking);
        }

        return unpacking.ToArray();
    }

    /// <summary>Unpacks the next row of a payload.</summary>
    public static void Unpack(TableRow row, Unpacking unpacking)
    {
        foreach (var part in PropertiesOf(row))
        {
            unpacking.Add(part.Span);
        }
    }

    /// <summary>The compressed bytes of consecutive rows, as passed to <see cref="ToRows"/>.</summary>
    public static byte[] Join(IReadOnlyList<TableRow> rows)
    {
        var joined = new byte[rows.SelectMany(PropertiesOf).Sum(static part => part.Length)];
        var start = 0;
        foreach (var part in rows.SelectMany(PropertiesOf))
        {
            part.CopyTo(joined.AsMemory(start));
            start += part.Length;
        }

        return joined;
    }

    private static IEnumerable<ReadOnlyMemory<byte>> PropertiesOf(TableRow row)
    {
        for (var index = 0; row.GetBinary(PropertyName(index)) is { } part; index++)
        {
            yield return part;
        }
    }

    private static string PropertyName(int index) => string.Create(CultureInfo.InvariantCulture, $"p{index:D2}");
}
