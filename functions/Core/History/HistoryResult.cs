using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Log;

namespace ServerlessSync.Core.History;

/// <summary>What was found in a project's history.</summary>
internal abstract record HistoryResult
{
    private HistoryResult() { }

    /// <summary>The dataset as it was at the revision.</summary>
    public sealed record Found(Dataset Dataset) : HistoryResult;

    /// <summary>A page of revisions.</summary>
    public sealed record Listed(RevisionPage Page) : HistoryResult;

    /// <summary>There is no such project.</summary>
    public sealed record Missing : HistoryResult;

    /// <summary>The project has not come so far.</summary>
    /// <param name="Last">Its last revision.</param>
    public sealed record NotReached(long Last) : HistoryResult;

    /// <summary>It was removed for its age.</summary>
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

/// <summary>Who changed how much, and when.</summary>
/// <param name="Revision">The number.</param>
/// <param name="Kind">What it was.</param>
/// <param name="User">Its author.</param>
/// <param name="Time">When it was accepted, by the clock of the process that did it.</param>
/// <param name="Restored">The revision that a restore went back to; null for everything else.</param>
/// <param name="Stores">What a change did, store by store.</param>
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

/// <summary>What a change did to the records of a store.</summary>
public sealed record StoreSummary(string Store, int Added, int Updated, int Removed);
