using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Presence;

/// <summary>Limits of presence. All are checked before the first round trip.</summary>
public static class PresenceLimits
{
    /// <summary>
    /// Connections named in one list. Beyond it a list holds this many, those whose row keys come first, so that reading
    /// it stays a handful of pages; nobody can use a longer one.
    /// </summary>
    public const int ListedMax = 5_000;

    /// <summary>Bytes of one list as sent; a longer one is cut after the last whole name that fits. Leaves room below <see cref="GatewayLimits.MessageBytesMax"/>.</summary>
    public const int ListBytesMax = 900 * 1024;

    /// <summary>Changes in one transaction: below <see cref="TableLimits.TransactionRowsMax"/>, which also counts the head row.</summary>
    public const int BatchChangesMax = 90;

    /// <summary>Changes that wait in one process. More is refused: whoever comes would wait longer than the service waits for an answer.</summary>
    public const int PendingMax = 10_000;

    /// <summary>Attempts of one transaction.</summary>
    public const int AttemptsMax = 8;

    /// <summary>Bound of the first random pause between two attempts: one storage round trip. It doubles from attempt to attempt.</summary>
    public static TimeSpan FirstPause { get; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Notices (<c>join</c>, <c>logout</c>) and point reads under way at once: one after the other, a burst would outlast the lease.</summary>
    public const int ParallelMax = 16;

    /// <summary>Characters of a row key: half of what a table key holds.</summary>
    internal const int RowKeyLengthMax = TableLimits.KeyBytesMax / 4;

    /// <summary>What <see cref="IsUserName"/> asks for, as an error says it.</summary>
    public static string UserNameRule { get; } =
        $"user: 1 to {MessageLimits.UserNameLengthMax} characters, no control characters and none that change the direction of text";

    /// <summary>
    /// Whether a user can have a name: 1 to <see cref="MessageLimits.UserNameLengthMax"/> characters of plain text
    /// (<see cref="PlainText"/>). Nothing follows from how a name begins. Callers ask before they accept a login.
    /// </summary>
    public static bool IsUserName(string userName)
    {
        ArgumentNullException.ThrowIfNull(userName);
        return userName.Length is > 0 and <= MessageLimits.UserNameLengthMax && PlainText.IsPlain(userName);
    }
}
