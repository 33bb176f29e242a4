using ServerlessSync.Core.History;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Projects;

/// <summary>What became of something that a person asked of a project.</summary>
public abstract record AdministrationResult
{
    private AdministrationResult() { }

    /// <summary>It is done, and holds.</summary>
    public sealed record Done : AdministrationResult;

    /// <summary>The project is there now, and its maker owns it.</summary>
    public sealed record Created(ProjectId Project) : AdministrationResult;

    /// <summary>The dataset at a revision, as a client gets it (JSON, UTF-8).</summary>
    public sealed record Exported(long Revision, ReadOnlyMemory<byte> Dataset) : AdministrationResult
    {
        /// <summary>The memory that the dataset takes; to be given back when it was sent.</summary>
        public required IDisposable Held { get; init; }
    }

    /// <summary>Some revisions of the project.</summary>
    public sealed record Revisions(RevisionPage Page) : AdministrationResult;

    /// <summary>The project is back at an earlier revision, by a revision of its own.</summary>
    public sealed record Restored(long Revision) : AdministrationResult;

    /// <summary>The project has not come so far.</summary>
    /// <param name="Last">Its last revision.</param>
    public sealed record NotReached(long Last) : AdministrationResult;

    /// <summary>This revision was removed for its age.</summary>
    /// <param name="First">The first one whose dataset can still be read.</param>
    public sealed record NotRetained(long First) : AdministrationResult;

    /// <summary>The project's log cannot be read so far, or the project cannot be changed until it is repaired.</summary>
    public sealed record Quarantined(string Reason) : AdministrationResult;

    /// <summary>Who may do what.</summary>
    public sealed record Access(AccessList List) : AdministrationResult;

    /// <summary>There is no such project, or none for this user.</summary>
    public sealed record NotFound : AdministrationResult;

    /// <summary>The user sees the project and may not do this.</summary>
    public sealed record NotAllowed : AdministrationResult;

    /// <summary>There is, or was, a project of this id.</summary>
    public sealed record Exists : AdministrationResult;

    /// <summary>What was asked cannot be done; names the field and the limit.</summary>
    public sealed record Refused(string Reason) : AdministrationResult;

    /// <summary>It could not be done now; asking again is safe.</summary>
    public sealed record Unavailable(string Reason) : AdministrationResult;
}
