using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Presence;

/// <summary>Where people see one another: the whole server, or one project.</summary>
/// <param name="Partition">The partition of table <c>presence</c> that holds the scope's rows; must be usable as a table key.</param>
/// <param name="Group">The group that hears who comes and goes; every listed connection is a member.</param>
public sealed record PresenceScope(string Partition, GroupName Group)
{
    /// <summary>Everybody who is logged in; the scope of open mode.</summary>
    public static PresenceScope Everyone { get; } = new("everyone", GroupName.Everyone);
}
