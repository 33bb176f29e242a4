namespace ServerlessSync.Core.Messages;

/// <summary>The texts of refusals that the clients' protocol fixes (bryntum-protocol 2.4, 2.6).</summary>
internal static class Refusals
{
    public const string NotLoggedIn = "Authentication required";
    public const string NotAllowed = "Authorization required";
    public const string NoProject = "Project id is required";
    public const string NotSubscribed = "Subscription to project is required. Load project first";
}
