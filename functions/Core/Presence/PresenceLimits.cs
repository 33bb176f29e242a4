using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Presence;

/// <summary>Limits of presence. All are checked before the first round trip.</summary>
public static class PresenceLimits
{
    /// <summary>
    /// Connections named in one list. A longer list is truncated, in the order of row keys, so that reading it takes a
    /// handful of pages; a longer one would be of no use.
    /// </summary>
    public const int ListedMax = 5_000;

    /// <summary>
    /// Bytes of one list as sent; a longer one is truncated after the last name that fits. Leaves room below
    /// <see cref="GatewayLimits.MessageBytesMax"/>.
    /// </summary>
    public const int ListBytesMax = 900 * 1024;

    /// <summary>Changes in one transaction: below <see cref="TableLimits.TransactionRowsMax"/>, which also counts the head row.</summary>
    public const int BatchChangesMax = 90;

    /// <summary>
    /// Changes that wait in one process. More are refused: they would wait longer than the service waits for a reply.
    /// </summary>
    public const int PendingMax = 10_000;

    /// <summary>Attempts of one transaction.</summary>
    public const int AttemptsMax = 8;

    /// <summary>Pauses between two attempts: the first within one storage round trip, each next one within twice the time.</summary>
    internal static RetryPolicy Retry { get; } = new(TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(2), Factor: 2, Jitter: 1);

    /// <summary>
    /// Concurrent notices (<c>join</c>, <c>logout</c>) and point reads: sequentially, a burst would outlast the lease.
    /// </summary>
    public const int ParallelMax = 16;

    /// <summary>Characters of a row key: half of a table key.</summary>
    internal const int RowKeyLengthMax = TableLimits.KeyBytesMax / 4;

    /// <summary>The rule of <see cref="IsUserName"/>, as an error states it.</summary>
    public static string UserNameRule { get; } =
        $"user: 1 to {MessageLimits.UserNameLengthMax} characters, no control characters and none that change the direction of text";

    /// <summary>
    /// Whether a name is valid: 1 to <see cref="MessageLimits.UserNameLengthMax"/> characters of plain text
    /// (<see cref="PlainText"/>). No prefix has a special meaning. Callers check it before they accept a login.
    /// </summary>
    public static bool IsUserName(string userName)
    {
        ArgumentNullException.ThrowIfNull(userName);
        return userName.Length is > 0 and <= MessageLimits.UserNameLengthMax && PlainText.IsPlain(userName);
    }
}
