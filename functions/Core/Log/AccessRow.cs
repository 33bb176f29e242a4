using System.Globalization;
using System.Text;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Log;

/// <summary>
/// The stored access list, with the users who lost access and may still be in the project's group. An engine removes
/// them before its next send to the group (<see cref="Head.AccessEnforcedVersion"/>).
/// </summary>
/// <param name="List">The access list.</param>
/// <param name="Evicted">Users to remove from the group; at most <see cref="EvictedMax"/>.</param>
/// <param name="EvictsAll">
/// Whether all members must join again, because a right of every logged-in user was revoked.
/// </param>
public sealed record AccessRow(AccessList List, IReadOnlyList<string> Evicted, bool EvictsAll)
{
    /// <summary>
    /// Users that wait to be removed from the group one by one. When there are more, all members join again, which
    /// removes the same users and needs no names.
    /// </summary>
    public const int EvictedMax = 100;

    /// <summary>A list as one string property; the format of the first release.</summary>
    private const long Format = 1;

    /// <summary>A list beyond a string property: compressed, in binary properties.</summary>
    private const long PackedFormat = 2;

    /// <summary>Separates names, which contain no control characters.</summary>
    private const char Separator = '\n';

    /// <summary>A row that revokes nothing.</summary>
    public static AccessRow Of(AccessList list) => new(list, Evicted: [], EvictsAll: false);

    /// <summary>
    /// The users in the list when the project was deleted. The row of a deleted project grants nothing; these names
    /// tell which rows of the listing to remove.
    /// </summary>
    public IReadOnlyList<string> FormerUsers { get; init; } = [];

    /// <summary>The row of a project that is being deleted.</summary>
    public AccessRow Deleted() =>
        new(AccessList.Empty, Evicted: [], EvictsAll: true) { FormerUsers = [.. List.Users.Keys] };

    /// <summary>The row with one grant changed, and the users who lose access by it.</summary>
    /// <param name="user">The user; null for every logged-in user.</param>
    /// <param name="role">The new role.</param>
    /// <param name="isEnforced">Whether all users that the row evicts have been removed from the group.</param>
    public AccessRow With(string? user, Role role, bool isEnforced)
    {
        var next = List.With(user, role);
        IReadOnlyList<string> evicted = isEnforced ? [] : Evicted;
        var evictsAll = !isEnforced && EvictsAll;
        if (user is null)
        {
            evictsAll |= List.Everyone > Role.None && role == Role.None;
        }
        else if (List.RoleOf(user) > Role.None && next.RoleOf(user) == Role.None)
        {
            evicted = [.. evicted.Append(user).Distinct(StringComparer.Ordinal)];
        }

        return evicted.Count > EvictedMax
            ? new AccessRow(next, Evicted: [], EvictsAll: true)
            : new AccessRow(next, evicted, evictsAll);
    }

    internal IReadOnlyDictionary<string, TableValue> ToProperties()
    {
        var properties = new Dictionary<string, TableValue>(StringComparer.Ordinal)
        {
            ["format"] = Format,
            ["expelled"] = string.Join(Separator, Evicted),
            ["expelsAll"] = EvictsAll ? 1 : 0,
        };
        PutList(properties, List.ToJson());
        if (FormerUsers.Count > 0)
        {
            // 200 names of 100 characters and their separators fit one property.
            properties["former"] = string.Join(Separator, FormerUsers);
        }

        return properties;
    }

    internal static AccessRow FromRow(TableRow row)
    {
        StoredFormat.Check(row, PackedFormat);
        return new AccessRow(AccessList.Parse(FindList(row)), Names(row.GetString("expelled")), row.GetInt64("expelsAll") is > 0)
        {
            FormerUsers = Names(row.GetString("former")),
        };
    }

    private static string[] Names(string? joined) =>
        (joined ?? string.Empty).Split(Separator, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Uses one string property if the list fits, so that the last release can read the row too.</summary>
    private static void PutList(Dictionary<string, TableValue> properties, string json)
    {
        if (json.Length <= TableLimits.StringCharactersMax)
        {
            properties["list"] = json;
            return;
        }

        properties["format"] = PackedFormat;
        foreach (var (index, part) in Payload.Compress(Encoding.UTF8.GetBytes(json)).Chunk(TableLimits.PropertyBytesMax).Index())
        {
            properties[Part(index)] = part;
        }
    }

    private static string FindList(TableRow row)
    {
        if (row.GetString("list") is { } json)
        {
            return json;
        }

        using var unpacking = new Unpacking();
        for (var index = 0; row.GetBinary(Part(index)) is { } part; index++)
        {
            unpacking.Add(part.Span);
        }

        return Encoding.UTF8.GetString(unpacking.ToArray());
    }

    private static string Part(int index) => string.Create(CultureInfo.InvariantCulture, $"list{index:D2}");
}
