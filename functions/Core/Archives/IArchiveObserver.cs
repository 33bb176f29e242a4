using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Archives;

/// <summary>Receives the results of scheduled archives. Implementations must be fast and must not throw.</summary>
public interface IArchiveObserver
{
    /// <summary>An archive was committed to the container.</summary>
    void Archived(ProjectId project, long revision, string name, long bytes);

    /// <summary>A project could not be archived in this round; the next one tries again.</summary>
    void NotArchived(ProjectId project, string reason);

    /// <summary>A round has covered all projects.</summary>
    void RoundFinished(ArchiveRoundReport report);
}

/// <summary>The result of one round through all projects.</summary>
/// <param name="Archived">Projects that were archived.</param>
/// <param name="Unchanged">Projects that have not changed since their last archive.</param>
/// <param name="Failed">Projects that could not be archived.</param>
/// <param name="Duration">The time from the beginning of the round to its end.</param>
public sealed record ArchiveRoundReport(int Archived, int Unchanged, int Failed, TimeSpan Duration);
