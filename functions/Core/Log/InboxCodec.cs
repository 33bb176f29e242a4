using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Log;

/// <summary>Writes and reads inbox rows.</summary>
internal static class InboxCodec
{
    /// <summary>The format of rows with restores, which older code would take for resets.</summary>
    public const long Format = 2;

    private const long FormatWithoutRestores = 1;

    /// <summary>Bytes of compressed submissions in one row; the engine commits larger ones itself.</summary>
    public const int BytesMax = Payload.RowBytes;

    public static TableAction ToInsert(string key, ReadOnlyMemory<byte> compressed, InboxMarks marks)
    {
        var properties = Marks(marks.Time);
        if (marks.WantsAnswer)
        {
            properties["wantsAnswer"] = 1;
        }

        if (marks.HoldsRestore)
        {
            properties["format"] = Format;
        }

        return Payload.ToRows(key, compressed.ToArray(), properties)[0];
    }

    public static TableAction ToAction(InboxReceipt receipt) =>
        receipt.Answers is null
            ? new TableAction.Delete(receipt.Row.Key, receipt.Row.ETag)
            : new TableAction.Replace(
                receipt.Row.Key,
                new Dictionary<string, TableValue>(Marks(receipt.Time), StringComparer.Ordinal) { ["answers"] = receipt.Answers },
                receipt.Row.ETag
            );

    public static InboxRow FromRow(TableRow row)
    {
        StoredFormat.Check(row, Format);
        var time = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64("time") ?? 0);
        return row.GetString("answers") is { } answers
            ? new InboxRow(row.RowKey, row.ETag, ReadOnlyMemory<byte>.Empty, answers, WantsAnswer: false, time)
            : new InboxRow(row.RowKey, row.ETag, Payload.FromRows([row]), Answers: null, row.GetInt64("wantsAnswer") is not null, time);
    }

    private static Dictionary<string, TableValue> Marks(DateTimeOffset time) =>
        new(StringComparer.Ordinal) { ["format"] = FormatWithoutRestores, ["time"] = time.ToUnixTimeMilliseconds() };
}
