namespace ServerlessSync.Core.Sessions;

/// <summary>How clients are received.</summary>
public sealed record SyncOptions
{
    /// <summary>Whether a connection without a token may log in under a name of its own choice. Off unless a deployment says otherwise.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>What the <c>version</c> command answers.</summary>
    public required string Version { get; init; }
}
