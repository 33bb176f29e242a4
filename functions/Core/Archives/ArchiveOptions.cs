namespace ServerlessSync.Core.Archives;

/// <summary>The right to restore, and the bounds of requests.</summary>
public sealed record ArchiveOptions
{
    /// <summary>
    /// Whether a user is an administrator. Administrators may archive any project and restore under any id. No user by
    /// default.
    /// </summary>
    public Func<string, bool> IsAdministrator { get; init; } = static _ => false;

    /// <summary>
    /// How long one request processes contents. The host ends a request after a minute, and the state of a large
    /// project, which is read or written in one step, takes part of it.
    /// </summary>
    public TimeSpan WorkTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long an archive is kept for download, or an upload for its restore: long enough for a slow line overnight.
    /// </summary>
    public TimeSpan KeptFor { get; init; } = TimeSpan.FromHours(24);
}
