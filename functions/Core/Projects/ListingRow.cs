using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Projects;

/// <summary>
/// One project in the list of a user, or in the shared list. A user's rows are contiguous, so that reading a list costs
/// only its own rows.
/// </summary>
/// <param name="Place">The row's keys.</param>
/// <param name="ETag">Its version in storage.</param>
/// <param name="Project">The project.</param>
/// <param name="Name">Its name.</param>
/// <param name="User">The user of the list; null for the shared list.</param>
/// <param name="Version">
/// The version of the access list from which the row was written (<see cref="Head.AccessVersion"/>).
/// </param>
internal sealed record ListingRow(ListingPlace Place, ETag ETag, ProjectId Project, string Name, string? User, long Version)
{
    private const long Format = 1;

    public static Dictionary<string, TableValue> ToProperties(ProjectId project, string name, string? user, long version)
    {
        var properties = new Dictionary<string, TableValue>(StringComparer.Ordinal)
        {
            ["format"] = Format,
            ["id"] = project.Id.ToJson(),
            ["name"] = name,
            ["version"] = version,
        };
        if (user is not null)
        {
            properties["user"] = user;
        }

        return properties;
    }

    public static ListingRow Read(TableRow row)
    {
        StoredFormat.Check(row, Format);
        using var document = JsonDocument.Parse(row.GetString("id") ?? "null");
        return JsonId.TryRead(document.RootElement, out var id) && row.GetString("name") is { } name
            ? new ListingRow(
                new ListingPlace(row.PartitionKey, row.RowKey),
                row.ETag,
                new ProjectId(id),
                name,
                row.GetString("user"),
                row.GetInt64("version") ?? 0
            )
            : throw new InvalidDataException($"Row '{row.RowKey}' of listing '{row.PartitionKey}' cannot be read.");
    }
}

/// <summary>The keys of a row of the listing.</summary>
internal readonly record struct ListingPlace(string Partition, string Key)
{
    /// <summary>The partition of the shared list: projects that every logged-in user may open.</summary>
    public const string Shared = "index-all";

    /// <summary>
    /// Users are spread over 16 partitions, one per hexadecimal digit, as each partition supports some thousand writes
    /// per second.
    /// </summary>
    private const string Digits = "0123456789abcdef";

    /// <summary>Every partition.</summary>
    public static IReadOnlyList<string> Partitions { get; } = [.. Digits.Select(static digit => $"index-{digit}"), Shared];

    /// <summary>The keys of a project in the shared list.</summary>
    public static ListingPlace OfEveryone(ProjectId project) => new(Shared, project.Key);

    /// <summary>The keys of a project in a user's list: owned projects before shared ones.</summary>
    public static ListingPlace Of(string user, ProjectId project, bool isOwner) =>
        new(PartitionOf(user), $"{PrefixOf(user, isOwner)}{project.Key}");

    /// <summary>The partition of a user.</summary>
    public static string PartitionOf(string user) => $"index-{Hash(user)[0]}";

    /// <summary>
    /// The key prefix of a user's owned or shared projects. Hashed, because a name can be too long for a key.
    /// </summary>
    public static string PrefixOf(string user, bool isOwner) => $"{Hash(user)}-{(isOwner ? 1 : 2)}-";

    private static string Hash(string user) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(user)));
}
