using ServerlessSync.Core.Log;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Tests.Log;

public sealed class Storing_a_payload
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16 * 1024)]
    [InlineData((16 * 1024) + 1)]
    [InlineData((1024 + 16) * 1024)]
    [InlineData((5 * 1024 * 1024) + 7)]
    public void Gives_back_what_was_stored(int size)
    {
        var content = Content(size);

        Assert.Equal(content, Payload.FromRows(Rows(content)));
    }

    [Fact]
    public void Gives_nothing_while_a_row_is_missing()
    {
        var rows = Rows(Content(3 * 1024 * 1024));

        Assert.True(rows.Count > 1);
        Assert.Null(Payload.FromRows([.. rows.SkipLast(1)]));
        Assert.Null(Payload.FromRows([.. rows.Skip(1)]));
    }

    [Fact]
    public void Says_that_the_end_is_missing()
    {
        var compressed = Payload.Compress(Content(100_000));

        Assert.Throws<InvalidDataException>(() => Payload.FromRows(RowsOf(compressed[..^1])));
        Assert.Throws<InvalidDataException>(() => Payload.FromRows(RowsOf(compressed[..(compressed.Length / 2)])));
    }

    [Fact]
    public void Says_that_it_is_broken() =>
        Assert.Throws<InvalidDataException>(() => Payload.FromRows(RowsOf([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])));

    // Half of it cannot be compressed, so that large ones take several rows.
    private static byte[] Content(int size)
    {
        var content = new byte[size];
        var state = 1u;
        for (var index = 0; index < size; index += 2)
        {
            state = (state * 1_664_525) + 1_013_904_223;
            content[index] = (byte)(state >> 24);
        }

        return content;
    }

    private static List<TableRow> Rows(byte[] content) => RowsOf(Payload.Compress(content));

    private static List<TableRow> RowsOf(byte[] compressed) =>
        [
            .. Payload
                .ToRows("k", compressed, new Dictionary<string, TableValue>(StringComparer.Ordinal))
                .Cast<TableAction.Insert>()
                .Select(static row => new TableRow("p", row.RowKey, new ETag("e"), row.Properties)),
        ];
}
