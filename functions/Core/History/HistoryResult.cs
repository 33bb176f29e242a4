using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Log;

namespace ServerlessSync.Core.History;

/// <summary>The result of reading a project's history.</summary>
internal abstract record HistoryResult
{
    private HistoryResult() { }

    /// <summary>The dataset at the revision.</summary>
    public sealed record Found(Dataset Dataset) : HistoryResult;

    /// <summary>A page of revisions.</summary>
    public sealed record Listed(RevisionPage Page) : HistoryResult;

    /// <summary>The project does not exist.</summary>
    public sealed record Missing : HistoryResult;

    /// <summary>The project has not reached the revision.</summary>
    /// <param name="Last">Its last revision.</param>
    public sealed record NotReached(long Last) : HistoryResult;

    /// <summary>The revision was removed because of its age.</summary>
    /// <param name="First">The first revision whose dataset can still be read.</param>
    public sealed record NotRetained(long First) : HistoryResult;

    /// <summary>The log cannot be read at this revision: the project is in quarantine, or about to be.</summary>
    public sealed record Unreadable : HistoryResult;
}

/// <summary>Some revisions of a project, newest first.</summary>
/// <param name="First">The first revision that is still in the log.</param>
/// <param name="Last">The project's last revision.</param>
/// <param name="Revisions">The page.</param>
public sealed record RevisionPage(long First, long Last, IReadOnlyList<RevisionSummary> Revisions);

/// <summary>A revision's author, time and extent.</summary>
/// <param name="Revision">The number.</param>
/// <param name="Kind">Its effect.</param>
/// <param name="User">Its author.</param>
/// <param name="Time">When it was accepted, by its engine's clock.</param>
/// <param name="Restored">The revision to which a restore returned; null for other kinds.</param>
/// <param name="Stores">The records that a change affected, by store.</param>
/// <param name="ProjectFields">The number of the project's own fields that a change set.</param>
public sealed record RevisionSummary(
    long Revision,
    EntryKind Kind,
    string User,
    DateTimeOffset Time,
    long? Restored,
    IReadOnlyList<StoreSummary> Stores,
    int ProjectFields
);

/// <summary>The numbers of records of a store that a change affected.</summary>
public sealed record StoreSummary(string Store, int Added, int Updated, int Removed);
