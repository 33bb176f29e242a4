namespace ServerlessSync.Core.Archives;

/// <summary>The result of a request on archives.</summary>
public abstract record ArchiveResult
{
    /// <summary>The refusal of a restore that does not ask to replace an existing project.</summary>
    internal const string AlreadyExists = "replace: the project exists; a restore replaces all of it, for all its users";

    /// <summary>The refusal of a restore during a deletion, which could remove rows of the new project.</summary>
    internal const string IsBeingDeleted = "The project of this id is still being deleted.";

    private ArchiveResult() { }

    /// <summary>The progress of the archive.</summary>
    public sealed record Described(ArchiveStatus Status) : ArchiveResult;

    /// <summary>A part of the archive.</summary>
    public sealed record Part(ReadOnlyMemory<byte> Bytes) : ArchiveResult;

    /// <summary>The request was executed.</summary>
    public sealed record Done : ArchiveResult;

    /// <summary>The project was restored from the archive and continues at a revision.</summary>
    public sealed record Restored(long Revision) : ArchiveResult;

    /// <summary>The project, archive or part does not exist, or not for this user.</summary>
    public sealed record NotFound : ArchiveResult;

    /// <summary>The user lacks the right for this request.</summary>
    public sealed record NotAllowed(string Reason) : ArchiveResult;

    /// <summary>The present state does not allow the request.</summary>
    public sealed record Conflict(string Reason) : ArchiveResult;

    /// <summary>The request is invalid; the reason names the part, the field and the limit.</summary>
    public sealed record Refused(string Reason) : ArchiveResult;

    /// <summary>
    /// The request could not be executed now. Repeating it is safe, and continues from the saved progress.
    /// </summary>
    public sealed record Unavailable(string Reason) : ArchiveResult;
}

/// <summary>The progress of an archive that is being created or restored.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Expires">When it is removed.</param>
/// <param name="Parts">The number of created parts; for an upload, 0 until it is restored.</param>
/// <param name="IsComplete">Whether the work is complete; if not, the client repeats the request.</param>
/// <param name="Revision">The revision of the state in it.</param>
/// <param name="Digest">
/// The digest of its last part in hexadecimal digits, which identifies the whole archive; null until there is one.
/// </param>
public sealed record ArchiveStatus(string Name, DateTimeOffset Expires, int Parts, bool IsComplete, long Revision, string? Digest);
