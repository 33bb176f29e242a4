using ServerlessSync.Core.History;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Projects;

/// <summary>The result of an administrative request.</summary>
public abstract record AdministrationResult
{
    private AdministrationResult() { }

    /// <summary>The request was executed and is in effect.</summary>
    public sealed record Done : AdministrationResult;

    /// <summary>The project was created; its creator owns it.</summary>
    public sealed record Created(ProjectId Project) : AdministrationResult;

    /// <summary>The dataset at a revision, as clients receive it (UTF-8 JSON).</summary>
    public sealed record Exported(long Revision, ReadOnlyMemory<byte> Dataset) : AdministrationResult
    {
        /// <summary>The memory of the dataset. The caller disposes it after sending.</summary>
        public required IDisposable Held { get; init; }
    }

    /// <summary>A page of the project's revisions.</summary>
    public sealed record Revisions(RevisionPage Page) : AdministrationResult;

    /// <summary>The project was restored to an earlier revision, by a new revision.</summary>
    public sealed record Restored(long Revision) : AdministrationResult;

    /// <summary>The project has not reached this revision.</summary>
    /// <param name="Last">Its last revision.</param>
    public sealed record NotReached(long Last) : AdministrationResult;

    /// <summary>This revision was removed because of its age.</summary>
    /// <param name="First">The first revision whose dataset can still be read.</param>
    public sealed record NotRetained(long First) : AdministrationResult;

    /// <summary>
    /// The project's log cannot be read at this revision, or the project cannot be changed until it is repaired.
    /// </summary>
    public sealed record Quarantined(string Reason) : AdministrationResult;

    /// <summary>The access list.</summary>
    public sealed record Access(AccessList List) : AdministrationResult;

    /// <summary>The project does not exist, or not for this user.</summary>
    public sealed record NotFound : AdministrationResult;

    /// <summary>The user may see the project but lacks the right for this request.</summary>
    public sealed record NotAllowed : AdministrationResult;

    /// <summary>A project with this id exists or existed.</summary>
    public sealed record Exists : AdministrationResult;

    /// <summary>The request is invalid; the reason names the field and the limit.</summary>
    public sealed record Refused(string Reason) : AdministrationResult;

    /// <summary>The request could not be executed now; repeating it is safe.</summary>
    public sealed record Unavailable(string Reason) : AdministrationResult;
}
