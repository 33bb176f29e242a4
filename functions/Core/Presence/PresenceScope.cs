using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Presence;

/// <summary>The scope in which users see one another: the whole server, or one project.</summary>
/// <param name="Partition">
/// The partition of table <c>presence</c> that holds the scope's rows; must be a valid table key.
/// </param>
/// <param name="Group">The group that receives notices and lists; every listed connection is a member.</param>
public sealed record PresenceScope(string Partition, GroupName Group)
{
    /// <summary>All logged-in connections; the scope of open mode.</summary>
    public static PresenceScope Everyone { get; } = new("everyone", GroupName.Everyone);
}
