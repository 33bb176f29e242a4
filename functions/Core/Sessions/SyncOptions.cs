using ServerlessSync.Core.Limits;

namespace ServerlessSync.Core.Sessions;

/// <summary>Options of the event handler.</summary>
public sealed record SyncOptions
{
    /// <summary>Whether a connection without a token may log in under any name. Off by default.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>The rate limits of connections and users.</summary>
    public RateLimitOptions Limits { get; init; } = new();

    /// <summary>
    /// The interval in which one client of a project may autosave a version. The vendor's clients ask every hour; the
    /// minute less tolerates clock skew.
    /// </summary>
    public TimeSpan VersionAutosaveInterval { get; init; } = TimeSpan.FromMinutes(59);

    /// <summary>The answer to the <c>version</c> command.</summary>
    public required string Version { get; init; }
}
