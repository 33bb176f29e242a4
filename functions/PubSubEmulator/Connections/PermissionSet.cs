namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>
/// The permissions of a connection: <c>sendToGroup</c> or <c>joinLeaveGroup</c>, for one group or for all. Simple clients
/// do not use them; publishers can set and query them.
/// </summary>
internal sealed class PermissionSet
{
    private const string RolePrefix = "webpubsub.";

    private readonly HashSet<string> granted = new(StringComparer.Ordinal);

    /// <summary>Adds the permissions that roles name, such as <c>webpubsub.sendToGroup.g</c>.</summary>
    public void GrantRoles(IEnumerable<string> roles)
    {
        foreach (var role in roles)
        {
            if (role.StartsWith(RolePrefix, StringComparison.Ordinal))
            {
                granted.Add(role[RolePrefix.Length..]);
            }
        }
    }

    /// <summary>Grants a permission for a group; null for all groups.</summary>
    public void Grant(string permission, string? group) => granted.Add(Key(permission, group));

    /// <summary>Revokes a permission for a group; null for all groups, single ones included.</summary>
    public void Revoke(string permission, string? group)
    {
        granted.Remove(Key(permission, group));
        if (group is null)
        {
            granted.RemoveWhere(key => key.StartsWith(permission + ".", StringComparison.Ordinal));
        }
    }

    /// <summary>Whether a permission is granted for a group; null for all groups.</summary>
    public bool Holds(string permission, string? group) =>
        granted.Contains(permission) || (group is not null && granted.Contains(Key(permission, group)));

    private static string Key(string permission, string? group) => group is null ? permission : $"{permission}.{group}";
}
