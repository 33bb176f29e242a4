using ServerlessSync.Core.Log;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Access;

/// <summary>
/// The access list as it is stored, with those who lost the right to see the project and may still sit in its group. Whoever sends to the
/// group next takes them out first (<see cref="Head.AccessSettled"/>).
/// </summary>
/// <param name="List">Who may do what.</param>
/// <param name="Expelled">Users to take out of the group.</param>
/// <param name="ExpelsAll">Whether everybody has to come in anew, because a right that all had was taken away.</param>
public sealed record AccessRow(AccessList List, IReadOnlyList<string> Expelled, bool ExpelsAll)
{
    /// <summary>A user name holds no control characters, so this separates names.</summary>
    private const char Separator = '\n';

    /// <summary>A list that takes nothing away.</summary>
    public static AccessRow Of(AccessList list) => new(list, Expelled: [], ExpelsAll: false);

    /// <summary>The row with one grant changed, and whoever loses sight of the project by it.</summary>
    /// <param name="user">Whose; null for everybody who is logged in.</param>
    /// <param name="role">What they may do from now on.</param>
    /// <param name="isSettled">Whether all who were to be taken out are out.</param>
    public AccessRow With(string? user, Role role, bool isSettled)
    {
        var next = List.With(user, role);
        var expelled = isSettled ? [] : Expelled;
        var expelsAll = !isSettled && ExpelsAll;
        if (user is null)
        {
            expelsAll |= List.Everybody > Role.None && role == Role.None;
        }
        else if (List.RoleOf(user) > Role.None && next.RoleOf(user) == Role.None)
        {
            expelled = [.. expelled, user];
        }

        return new AccessRow(next, [.. expelled.Distinct(StringComparer.Ordinal)], expelsAll);
    }

    internal IReadOnlyDictionary<string, TableValue> ToProperties() =>
        new Dictionary<string, TableValue>(StringComparer.Ordinal)
        {
            ["format"] = AccessList.Format,
            ["list"] = List.ToJson(),
            ["expelled"] = string.Join(Separator, Expelled),
            ["expelsAll"] = ExpelsAll ? 1 : 0,
        };

    internal static AccessRow FromRow(TableRow row)
    {
        StoredFormat.Check(row, AccessList.Format);
        var list =
            row.GetString("list")
            ?? throw new InvalidDataException($"The access list of project '{row.PartitionKey}' is empty.");
        var expelled = row.GetString("expelled") ?? string.Empty;
        return new AccessRow(
            AccessList.Parse(list),
            expelled.Split(Separator, StringSplitOptions.RemoveEmptyEntries),
            row.GetInt64("expelsAll") is > 0
        );
    }
}
