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
    /// <summary>Users that a list may name: what one person can keep an eye on.</summary>
    public const int UsersMax = 200;

    /// <summary>
    /// Bytes of the longest list as stored: <see cref="UsersMax"/> names of <see cref="MessageLimits.UserNameLengthMax"/> characters of at
    /// most three bytes of UTF-8, six of punctuation and role for each, and the frame around them. A row takes it whatever script the
    /// names are in (the stored access row).
    /// </summary>
    public const int StoredBytesMax = (UsersMax * ((3 * MessageLimits.UserNameLengthMax) + 6)) + 64;

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

    /// <summary>
    /// The list as JSON text, in which characters stand for themselves wherever JSON lets them: escapes would multiply the bytes of
    /// every script but one.
    /// </summary>
    public string ToJson()
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{{\"everybody\":{(int)Everybody},\"users\":{{");
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
