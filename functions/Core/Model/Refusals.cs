namespace ServerlessSync.Core.Model;

/// <summary>The texts of refusals that the clients' protocol fixes (docs/protocol-facts.md#refusals).</summary>
internal static class Refusals
{
    public const string NotLoggedIn = "Authentication required";
    public const string NotAllowed = "Authorization required";
    public const string NoProject = "Project id is required";
    public const string NoVersion = "Version id is required";
    public const string UnknownVersion = "Version not found";
    public const string EmptyVersion = "Version has no content";
    public const string NotSubscribed = "Subscription to project is required. Load project first";

    /// <summary>A change that may be older than the last dataset of its author.</summary>
    public const string BeforeDataset =
        "The project was reset or loaded anew while this change was made, so the change was not taken. The present data follow; make the change again then.";

    /// <summary>A change of which an earlier delivery was refused, with a reason that is known no more.</summary>
    public const string NotTaken = "A change was not taken. The present data follow.";

    /// <summary>Why a socket is closed whose dataset was on its way when a process died: at most 123 bytes too.</summary>
    public const string BrokenOff = "Sending the data broke off. Connect again.";

    /// <summary>Why a socket is closed: at most 123 bytes, as WebSocket has it.</summary>
    public const string NoPause = "Changes kept coming while the data were loaded anew. Connect again.";
}
