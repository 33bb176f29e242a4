using System.Globalization;
using System.Text;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Log;

/// <summary>
/// The access list as it is stored, with those who lost the right to see the project and may still sit in its group. Whoever sends to the
/// group next takes them out first (<see cref="Head.AccessEnforcedVersion"/>).
/// </summary>
/// <param name="List">Who may do what.</param>
/// <param name="Evicted">Users to take out of the group; at most <see cref="EvictedMax"/>.</param>
/// <param name="EvictsAll">Whether everybody has to come in anew, because a right that all had was taken away.</param>
public sealed record AccessRow(AccessList List, IReadOnlyList<string> Evicted, bool EvictsAll)
{
    /// <summary>
    /// Users that wait to be taken out of the group one by one. When more are to go before anybody has published, all members come in
    /// anew, which takes out the same people and needs no names.
    /// </summary>
    public const int EvictedMax = 100;

    /// <summary>A list as one string property, as it has been since the first release.</summary>
    private const long Format = 1;

    /// <summary>A list that no string property holds: compressed, in binary properties.</summary>
    private const long PackedFormat = 2;

    /// <summary>A user name holds no control characters, so this separates names.</summary>
    private const char Separator = '\n';

    /// <summary>A list that takes nothing away.</summary>
    public static AccessRow Of(AccessList list) => new(list, Evicted: [], EvictsAll: false);

    /// <summary>
    /// The users whom the list named when the project was deleted. The row of a deleted project grants nothing; from these names follows
    /// which rows of the listing are to go.
    /// </summary>
    public IReadOnlyList<string> Former { get; init; } = [];

    /// <summary>The row of a project that is being deleted.</summary>
    public AccessRow Deleted() =>
        new(AccessList.Empty, Evicted: [], EvictsAll: true) { Former = [.. List.Users.Keys] };

    /// <summary>The row with one grant changed, and whoever loses sight of the project by it.</summary>
    /// <param name="user">Whose; null for everybody who is logged in.</param>
    /// <param name="role">What they may do from now on.</param>
    /// <param name="isSettled">Whether all who were to be taken out are out.</param>
    public AccessRow With(string? user, Role role, bool isSettled)
    {
        var next = List.With(user, role);
        IReadOnlyList<string> evicted = isSettled ? [] : Evicted;
        var evictsAll = !isSettled && EvictsAll;
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
        if (Former.Count > 0)
        {
            // 200 names of 100 characters, and what separates them, fit one property.
            properties["former"] = string.Join(Separator, Former);
        }

        return properties;
    }

    internal static AccessRow FromRow(TableRow row)
    {
        StoredFormat.Check(row, PackedFormat);
        return new AccessRow(AccessList.Parse(FindList(row)), Names(row.GetString("expelled")), row.GetInt64("expelsAll") is > 0)
        {
            Former = Names(row.GetString("former")),
        };
    }

    private static string[] Names(string? joined) =>
        (joined ?? string.Empty).Split(Separator, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>As one string property where that holds it, so that the last release reads the row too; else packed.</summary>
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
