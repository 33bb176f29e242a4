using ServerlessSync.Core.Storage;
using ServerlessSync.Tables.Azure;

namespace ServerlessSync.Tables.Tests.Azure;

/// <summary>Compares the formula for a transaction's bytes with what the SDK sends.</summary>
public sealed class SentBytesTests
{
    private static readonly string LongKey = new('\'', 230);

    public static TheoryData<string> Shapes => ["ascii", "escaped", "pairs", "binary", "small", "keys"];

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task The_largest_transaction_that_is_accepted_is_at_most_4_MiB_as_sent(string shape)
    {
        var transaction = Largest(shape);
        using var network = ScriptedNetwork.Failing(new HttpRequestException("not now"));
        var store = AzureTableStore.FromConnectionString(
            "DefaultEndpointsProtocol=https;AccountName=twentyfourcharactersname;AccountKey=a2V5;EndpointSuffix=core.windows.net",
            new AzureTableOptions { Transport = network.ToTransport() }
        );

        await Assert.ThrowsAsync<StorageException>(() =>
            store.SubmitAsync(
                TableName.Presence,
                transaction.PartitionKey,
                transaction.Actions,
                TestContext.Current.CancellationToken
            )
        );

        Assert.InRange(Assert.Single(network.Bodies).Length, 1, TableLimits.TransactionBytesMax);
    }

    private static Transactions Largest(string shape) =>
        shape switch
        {
            "ascii" => Fill(length => new string('x', length), TableLimits.StringCharactersMax),
            "escaped" => Fill(length => new string('\u00e9', length), TableLimits.StringCharactersMax),
            "pairs" => Fill(
                length => string.Concat(Enumerable.Repeat("\ud83d\ude00", length / 2)),
                TableLimits.StringCharactersMax
            ),
            "binary" => Fill(length => new byte[length], TableLimits.PropertyBytesMax),
            "small" => Rows(row => Many(number => new string('"', number % 40))),
            "keys" => Rows(row => TableRows.NoProperties),
            _ => throw new ArgumentOutOfRangeException(nameof(shape)),
        };

    private static Transactions Fill(Func<int, TableValue> value, int propertyMax)
    {
        Transactions Make(int filler) => Transactions.Of("partition", filler, value, propertyMax);
        return Make(Transactions.LargestFiller(Make));
    }

    /// <summary>As many rows as fit, with keys that grow both in URL and in JSON.</summary>
    private static Transactions Rows(Func<int, IReadOnlyDictionary<string, TableValue>> properties)
    {
        Transactions Make(int rows) =>
            new(
                LongKey,
                [.. Enumerable.Range(0, rows).Select(row => new TableAction.Upsert($"{LongKey}{row}", properties(row)))]
            );
        return Make(Transactions.LargestFiller(rows => Make(Math.Max(1, Math.Min(rows, 101)))));
    }

    private static Dictionary<string, TableValue> Many(Func<int, TableValue> value) =>
        Enumerable
            .Range(0, TableLimits.RowPropertiesMax)
            .ToDictionary(number => $"p{number}", value, StringComparer.Ordinal);
}
