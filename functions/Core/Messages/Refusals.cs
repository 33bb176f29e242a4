namespace ServerlessSync.Core.Messages;

/// <summary>The texts of refusals that the clients' protocol fixes (bryntum-protocol 2.4, 2.6).</summary>
internal static class Refusals
{
    public const string NotLoggedIn = "Authentication required";
    public const string NotAllowed = "Authorization required";
    public const string NoProject = "Project id is required";
    public const string NoVersion = "Version id is required";
    public const string UnknownVersion = "Version not found";
    public const string EmptyVersion = "Version has no content";
    public const string NotSubscribed = "Subscription to project is required. Load project first";
}
