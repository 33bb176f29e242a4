using ServerlessSync.Core.Limits;

namespace ServerlessSync.Core.Sessions;

/// <summary>How clients are received.</summary>
public sealed record SyncOptions
{
    /// <summary>Whether a connection without a token may log in under a name of its own choice. Off unless a deployment says otherwise.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>What one connection and one user may ask for.</summary>
    public RateLimitOptions Limits { get; init; } = new();

    /// <summary>
    /// How long after one client of a project was told to save a version by itself no other is told so. The vendor's clients
    /// ask every hour; a minute less lets their clocks differ.
    /// </summary>
    public TimeSpan VersionAutosaveInterval { get; init; } = TimeSpan.FromMinutes(59);

    /// <summary>What the <c>version</c> command answers.</summary>
    public required string Version { get; init; }
}
