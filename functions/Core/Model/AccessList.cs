using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ServerlessSync.Core.Model;

/// <summary>What a user may do in a project; each role includes the ones before it.</summary>
public enum Role
{
    /// <summary>Nothing: for this user the project does not exist.</summary>
    None = 0,

    /// <summary>Load the project and receive its changes.</summary>
    Viewer = 1,

    /// <summary>Change and reset the project.</summary>
    Editor = 2,

    /// <summary>Manage the project and the roles of its users.</summary>
    Owner = 3,
}

/// <summary>The roles that a project grants. User names are those of the identity provider, or of the login.</summary>
/// <param name="Everyone">The role of every logged-in user.</param>
/// <param name="Users">Roles of single users; the higher of the two applies.</param>
public sealed record AccessList(Role Everyone, IReadOnlyDictionary<string, Role> Users)
{
    /// <summary>Users that a list may name: as many as one owner can review.</summary>
    public const int UsersMax = 200;

    /// <summary>
    /// Bytes of the longest list as stored: <see cref="UsersMax"/> names of
    /// <see cref="MessageLimits.UserNameLengthMax"/> characters with at most three bytes of UTF-8 each, six bytes of
    /// punctuation and role per name, and the enclosing object. A row holds it whatever script the names are in.
    /// </summary>
    public const int StoredBytesMax = (UsersMax * ((3 * MessageLimits.UserNameLengthMax) + 6)) + 64;

    /// <summary>Grants nothing; the default in Azure.</summary>
    public static AccessList Empty { get; } = new(Role.None, FrozenDictionary<string, Role>.Empty);

    /// <summary>Every logged-in user may edit; the default of the sample projects on a laptop.</summary>
    public static AccessList OpenToEdit { get; } = new(Role.Editor, FrozenDictionary<string, Role>.Empty);

    /// <summary>Whether at least one user can manage the project.</summary>
    public bool HasOwner => Everyone == Role.Owner || Users.Values.Contains(Role.Owner);

    /// <summary>The role of a user.</summary>
    public Role RoleOf(string user)
    {
        var granted = Users.GetValueOrDefault(user);
        return granted > Everyone ? granted : Everyone;
    }

    /// <summary>
    /// The list as JSON text. Characters are escaped only where JSON demands it: other escapes would multiply the bytes
    /// of non-Latin names.
    /// </summary>
    public string ToJson()
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{{\"everybody\":{(int)Everyone},\"users\":{{");
        var separator = string.Empty;
        foreach (var (user, role) in Users.OrderBy(static grant => grant.Key, StringComparer.Ordinal))
        {
            text.Append(separator).Append('"');
            foreach (var character in user)
            {
                AppendEscaped(text, character);
            }

            text.Append(CultureInfo.InvariantCulture, $"\":{(int)role}");
            separator = ",";
        }

        return text.Append("}}").ToString();
    }

    private static void AppendEscaped(StringBuilder text, char character)
    {
        if (character is '"' or '\\')
        {
            text.Append('\\');
        }

        if (character < ' ')
        {
            text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            return;
        }

        text.Append(character);
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

    /// <summary>The list with one grant changed.</summary>
    /// <param name="user">The user; null for every logged-in user.</param>
    /// <param name="role">The new role; <see cref="Role.None"/> removes the grant.</param>
    public AccessList With(string? user, Role role)
    {
        if (user is null)
        {
            return this with { Everyone = role };
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
