using System.Buffers;
using System.Text.Json;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Presence;

namespace ServerlessSync.Core.Archives;

/// <summary>The items of an archive before its datasets.</summary>
internal sealed record ArchivePreamble(ArchiveManifest Manifest, AccessList Access, ArchiveIndex Index)
{
    /// <summary>Reads the preamble from the beginning of an archive.</summary>
    /// <exception cref="ArchiveException">The preamble is invalid.</exception>
    public static async Task<ArchivePreamble> ReadAsync(ArchiveReader reader, CancellationToken cancellationToken)
    {
        var manifest = await ReadAsync(
            reader,
            ArchiveItemKind.Manifest,
            "manifest",
            ArchiveLimits.NoteBytesMax,
            ArchiveManifest.Read,
            cancellationToken
        );
        var access = await ReadAsync(
            reader,
            ArchiveItemKind.Access,
            "access list",
            ArchiveLimits.NoteBytesMax,
            ReadAccess,
            cancellationToken
        );
        var index = await ReadAsync(
            reader,
            ArchiveItemKind.Index,
            "list of contents",
            ArchiveLimits.IndexBytesMax,
            ArchiveIndex.Read,
            cancellationToken
        );
        return new ArchivePreamble(manifest, access, index);
    }

    private static async Task<T> ReadAsync<T>(
        ArchiveReader reader,
        ArchiveItemKind kind,
        string what,
        int bytesMax,
        Func<ReadOnlyMemory<byte>, Func<string, ArchiveException>, T> read,
        CancellationToken cancellationToken
    )
    {
        if (await reader.NextAsync(cancellationToken) != kind)
        {
            throw reader.Fault($"has no {what} where it should be");
        }

        using var item = new ArchiveItem(reader, what, bytesMax, LoadingCost.Write);
        return read(await item.ReadAllAsync(cancellationToken), item.Fault);
    }

    /// <summary>The access list in an archive: <c>[role of every logged-in user, [name, role], …]</c>.</summary>
    public static ReadOnlyMemory<byte> ToJson(AccessList access)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            writer.WriteNumberValue((int)access.Everyone);
            foreach (var (user, role) in access.Users.OrderBy(static grant => grant.Key, StringComparer.Ordinal))
            {
                writer.WriteStartArray();
                writer.WriteStringValue(user);
                writer.WriteNumberValue((int)role);
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
        }

        return buffer.WrittenMemory;
    }

    private static AccessList ReadAccess(ReadOnlyMemory<byte> json, Func<string, ArchiveException> fault)
    {
        using var document = JsonGuard.TryParse(json, depthMax: 2, out var reason) ?? throw fault(reason);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Array || root.GetArrayLength() == 0)
        {
            throw fault("it is not a list");
        }

        if (root.GetArrayLength() - 1 > AccessList.UsersMax)
        {
            throw fault($"users: at most {AccessList.UsersMax} per project");
        }

        var users = new Dictionary<string, Role>(StringComparer.Ordinal);
        foreach (var grant in root.EnumerateArray().Skip(1))
        {
            if (
                grant.ValueKind != JsonValueKind.Array
                || grant.GetArrayLength() != 2
                || DatasetFrames.TextOf(grant[0], MessageLimits.UserNameLengthMax) is not { } user
                || !PresenceLimits.IsUserName(user)
                || !users.TryAdd(user, RoleOf(grant[1], fault))
            )
            {
                throw fault($"grant {users.Count + 1} has no valid user name, or occurs twice");
            }
        }

        return new AccessList(RoleOf(root[0], fault), users);
    }

    private static Role RoleOf(JsonElement value, Func<string, ArchiveException> fault) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var role) && Enum.IsDefined((Role)role)
            ? (Role)role
            : throw fault("an unknown role");
}
