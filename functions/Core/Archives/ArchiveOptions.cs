namespace ServerlessSync.Core.Archives;

/// <summary>The right to restore, and how much one request does.</summary>
public sealed record ArchiveOptions
{
    /// <summary>
    /// Whether a user administers the deployment: may restore an archive under any id, and make one of any project. No user unless set.
    /// </summary>
    public Func<string, bool> IsAdministrator { get; init; } = static _ => false;

    /// <summary>
    /// How long one request goes on with contents. The host ends a request after a minute, and the state of the largest project, which is
    /// read or written in one go, takes some of it.
    /// </summary>
    public TimeSpan WorkTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long an archive is kept for being fetched, or an upload for being restored: a night for a slow line.</summary>
    public TimeSpan KeptFor { get; init; } = TimeSpan.FromHours(24);
}
