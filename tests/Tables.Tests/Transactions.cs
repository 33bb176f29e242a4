using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables.Tests;

/// <summary>Transactions of a chosen size, for the tests of limits.</summary>
internal sealed record Transactions(string PartitionKey, IReadOnlyList<TableAction> Actions)
{
    /// <summary>40 rows, filled with text.</summary>
    public static Transactions OfText(string partitionKey, char letter, int filler) =>
        Of(partitionKey, filler, length => new string(letter, length), TableLimits.StringCharactersMax);

    /// <summary>The longest filler with which a transaction stays within the limits.</summary>
    public static int LargestFiller(Func<int, Transactions> make)
    {
        var (accepted, refused) = (0, 8 * 1024 * 1024);
        while (refused - accepted > 1)
        {
            var middle = (accepted + refused) / 2;
            if (IsAccepted(make(middle)))
            {
                accepted = middle;
            }
            else
            {
                refused = middle;
            }
        }

        return accepted;
    }

    /// <summary>Rows that share a filler; each has as many full properties as needed, and one with the rest.</summary>
    public static Transactions Of(string partitionKey, int filler, Func<int, TableValue> value, int propertyMax)
    {
        const int Rows = 40;
        var actions = new List<TableAction>(Rows);
        for (var number = 0; number < Rows; number++)
        {
            var rest = (filler / Rows) + (number < filler % Rows ? 1 : 0);
            var properties = new Dictionary<string, TableValue>(StringComparer.Ordinal);
            for (var part = 0; rest > 0; part++)
            {
                properties[$"p{part}"] = value(Math.Min(rest, propertyMax));
                rest -= propertyMax;
            }

            actions.Add(new TableAction.Upsert($"row{number}", properties));
        }

        return new Transactions(partitionKey, actions);
    }

    private static bool IsAccepted(Transactions transaction)
    {
        try
        {
            TableLimits.Check(transaction.PartitionKey, transaction.Actions);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
