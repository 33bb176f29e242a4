namespace ServerlessSync.Core.Archives;

/// <summary>What became of something that a person asked of an archive.</summary>
public abstract record ArchiveResult
{
    /// <summary>Why a restore is not begun without being told so.</summary>
    internal const string IsThere = "replace: the project is there; a restore replaces all of it, for all its users";

    /// <summary>Why a restore waits for a deletion: what is still removed of the old project could be taken from the new one.</summary>
    internal const string IsBeingDeleted = "The project of this id is still being deleted.";

    private ArchiveResult() { }

    /// <summary>How far it has come.</summary>
    public sealed record Described(ArchiveStatus Status) : ArchiveResult;

    /// <summary>A part.</summary>
    public sealed record Part(ReadOnlyMemory<byte> Bytes) : ArchiveResult;

    /// <summary>It is done, and holds.</summary>
    public sealed record Done : ArchiveResult;

    /// <summary>The project goes on at a revision with what was in the archive.</summary>
    public sealed record Restored(long Revision) : ArchiveResult;

    /// <summary>There is no such project, archive or part, or none for this user.</summary>
    public sealed record NotFound : ArchiveResult;

    /// <summary>The user may not do this.</summary>
    public sealed record NotAllowed(string Reason) : ArchiveResult;

    /// <summary>As things stand it cannot be done.</summary>
    public sealed record Conflict(string Reason) : ArchiveResult;

    /// <summary>What was sent cannot be used; names the part, the field and the limit.</summary>
    public sealed record Refused(string Reason) : ArchiveResult;

    /// <summary>It could not be done now; asking again is safe, and goes on where it was.</summary>
    public sealed record Unavailable(string Reason) : ArchiveResult;
}

/// <summary>How far an archive has come that is being made or restored.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Expires">When it is removed.</param>
/// <param name="Parts">Parts that are made; of an upload, 0 until it is restored.</param>
/// <param name="IsComplete">Whether nothing is left to be done; if not, the request is to be repeated.</param>
/// <param name="Revision">The revision of the state in it.</param>
/// <param name="Digest">The digest of its last part in hexadecimal digits, which stands for the whole; null until there is one.</param>
public sealed record ArchiveStatus(string Name, DateTimeOffset Expires, int Parts, bool IsComplete, long Revision, string? Digest);
