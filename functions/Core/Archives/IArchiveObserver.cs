using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Archives;

/// <summary>Is told what becomes of scheduled archives; must be quick and must not throw.</summary>
public interface IArchiveObserver
{
    /// <summary>An archive is complete in the container.</summary>
    void Archived(ProjectId project, long revision, string name, long bytes);

    /// <summary>A project could not be archived in this round; the next one tries again.</summary>
    void NotArchived(ProjectId project, string reason);

    /// <summary>A round has seen all projects.</summary>
    void RoundFinished(ArchiveRoundReport report);
}

/// <summary>What a round through all projects came to.</summary>
/// <param name="Archived">Projects that were archived.</param>
/// <param name="Unchanged">Projects of which the last archive holds all.</param>
/// <param name="Failed">Projects that could not be archived.</param>
/// <param name="Duration">From the round's beginning to its end.</param>
public sealed record ArchiveRoundReport(int Archived, int Unchanged, int Failed, TimeSpan Duration);
