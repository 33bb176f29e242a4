namespace ServerlessSync.Core.Model;

/// <summary>
/// Texts of refusals; those up to <see cref="NotSubscribed"/> are fixed by the clients' protocol
/// (docs/protocol-facts.md#refusals).
/// </summary>
internal static class Refusals
{
    public const string NotLoggedIn = "Authentication required";
    public const string NotAllowed = "Authorization required";
    public const string NoProject = "Project id is required";
    public const string NoVersion = "Version id is required";
    public const string UnknownVersion = "Version not found";
    public const string EmptyVersion = "Version has no content";
    public const string NotSubscribed = "Subscription to project is required. Load project first";

    /// <summary>A change that may have been made before its author received the latest dataset.</summary>
    public const string BeforeDataset =
        "The project was reset or reloaded while this change was made, so the change was not applied. The current data follow; make the change again afterwards.";

    /// <summary>A change of which an earlier delivery was refused for a reason that is no longer known.</summary>
    public const string NotTaken = "A change was not applied. The current data follow.";

    /// <summary>
    /// Close reason of a socket whose dataset was being sent when an instance died; at most 123 bytes (RFC 6455, 5.5).
    /// </summary>
    public const string BrokenOff = "Sending the data was interrupted. Connect again.";

    /// <summary>
    /// Close reason of a socket whose dataset could not be sent between changes; at most 123 bytes (RFC 6455, 5.5).
    /// </summary>
    public const string NoPause = "Changes kept arriving while the data were reloaded. Connect again.";
}
