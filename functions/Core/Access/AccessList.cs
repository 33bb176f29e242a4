using System.Buffers;
using System.Collections.Frozen;
using System.Text;
using System.Text.Json;

namespace ServerlessSync.Core.Access;

/// <summary>What a user may do in a project; each role includes the ones before it.</summary>
public enum Role
{
    /// <summary>Nothing: for this user the project does not exist.</summary>
    None = 0,

    /// <summary>Load it and follow it.</summary>
    Viewer = 1,

    /// <summary>Change and reset it.</summary>
    Editor = 2,

    /// <summary>Manage it and its people.</summary>
    Owner = 3,
}

/// <summary>Who may do what in a project. Users are named as the identity provider, or the login, names them.</summary>
/// <param name="Everybody">What each logged-in user may do.</param>
/// <param name="Users">Grants to single users; the higher of the two counts.</param>
public sealed record AccessList(Role Everybody, IReadOnlyDictionary<string, Role> Users)
{
    /// <summary>The format of the stored row.</summary>
    public const long Format = 1;

    /// <summary>Users that a list may name: it is one string property (32 K characters) of one row.</summary>
    public const int UsersMax = 200;

    /// <summary>Nobody may do anything; the default in Azure.</summary>
    public static AccessList Nobody { get; } = new(Role.None, FrozenDictionary<string, Role>.Empty);

    /// <summary>Everybody may edit; the default of the sample projects on a laptop.</summary>
    public static AccessList OpenToEdit { get; } = new(Role.Editor, FrozenDictionary<string, Role>.Empty);

    /// <summary>Whether somebody can manage the project.</summary>
    public bool HasOwner => Everybody == Role.Owner || Users.Values.Contains(Role.Owner);

    /// <summary>What a user may do.</summary>
    public Role RoleOf(string user)
    {
        var granted = Users.GetValueOrDefault(user);
        return granted > Everybody ? granted : Everybody;
    }

    /// <summary>The list as JSON text.</summary>
    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("everybody", (int)Everybody);
            writer.WriteStartObject("users");
            foreach (var (user, role) in Users.OrderBy(static grant => grant.Key, StringComparer.Ordinal))
            {
                writer.WriteNumber(user, (int)role);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    public static AccessList Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var users = document
            .RootElement.GetProperty("users")
            .EnumerateObject()
            .ToFrozenDictionary(static grant => grant.Name, static grant => (Role)grant.Value.GetInt32(), StringComparer.Ordinal);
        return new AccessList((Role)document.RootElement.GetProperty("everybody").GetInt32(), users);
    }

    /// <summary>The same list with one grant changed.</summary>
    /// <param name="user">Whose; null for everybody who is logged in.</param>
    /// <param name="role">What they may do from now on; <see cref="Role.None"/> takes the grant away.</param>
    public AccessList With(string? user, Role role)
    {
        if (user is null)
        {
            return this with { Everybody = role };
        }

        var users = new Dictionary<string, Role>(Users, StringComparer.Ordinal);
        if (role == Role.None)
        {
            users.Remove(user);
        }
        else
        {
            users[user] = role;
        }

        return this with { Users = users };
    }
}
