using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.State;

namespace ServerlessSync.Simulation.Checks;

/// <summary>The log of one project as it became durable.</summary>
internal sealed class ProjectAccount(World world, string project)
{
    private readonly List<LogEntry> entries = [];
    private readonly List<TimeSpan> times = [];
    private readonly HashSet<string> accepted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Event, long Local)> lastOfAuthor = new(StringComparer.Ordinal);
    private readonly PhantomBook phantoms = new(world, project);
    private readonly ResourceBook resources = new(world, project);
    private Head? head;
    private long lastReset;

    /// <summary>Who could do what, and when.</summary>
    public AccessHistory Access { get; } = new();

    /// <summary>Entry n has number n + 1.</summary>
    public IReadOnlyList<LogEntry> Entries => entries;

    public Head Head => head!;

    /// <summary>When a revision became durable.</summary>
    public TimeSpan TimeOf(long revision) => times[(int)revision - 1];

    /// <summary>When the last reset or restore became durable; long ago when there was none.</summary>
    public TimeSpan TimeOfLastReset => lastReset == 0 ? TimeSpan.MinValue : TimeOf(lastReset);

    public void NoteHead(Head next)
    {
        if (
            head is { } before
            && (
                next.Revision < before.Revision
                || next.Published < before.Published
                || next.Generation < before.Generation
                || next.LeaseTerm < before.LeaseTerm
            )
        )
        {
            world.Violate("P1 total order", $"the head of {project} went back from {before} to {next}");
        }

        if (next.Published > next.Revision)
        {
            world.Violate("P2 durable first", $"the head of {project} has more published than accepted: {next}");
        }

        head = next;
    }

    public void NoteCommit(Commit commit)
    {
        foreach (var entry in commit.Entries)
        {
            if (entry.Revision != entries.Count + 1)
            {
                world.Violate("P1 total order", $"{project}: {entry.Revision} follows {entries.Count}");
            }

            entries.Add(entry);
            times.Add(world.Time.Elapsed);
            world.Figures.Accepted++;
            world.Figures.Resets += entry.ReplacesAll ? 1 : 0;
            world.Figures.Restores += entry.Restored is null ? 0 : 1;
            CheckOnce(entry);
            CheckAuthorsOrder(entry);
            CheckRight(entry);
            CheckDataset(entry);
            phantoms.Check(entry);
            resources.Check(entry);
        }
    }

    private void CheckRight(LogEntry entry)
    {
        if (Access.Now.RoleOf(entry.Origin.User) < Role.Editor)
        {
            world.Violate("P7 isolation", $"{project}: {entry.Revision} is by {entry.Origin}, who may not edit");
        }
    }

    /// <summary>What our client made on the data before a reset is not for those after it.</summary>
    private void CheckDataset(LogEntry entry)
    {
        if (entry.ReplacesAll)
        {
            lastReset = entry.Revision;
        }
        else if (
            entry.Session is { } session
            && world.Stated.TryGetValue((session, entry.LocalRevision), out var dataset)
            && dataset < lastReset
        )
        {
            world.Violate(
                "P5 convergence",
                $"{project}: {entry.Revision} of {entry.Origin} was made on {dataset}; the reset {lastReset} came between"
            );
        }
    }

    private void CheckOnce(LogEntry entry)
    {
        if (!accepted.Add($"{entry.Origin.Connection} {entry.Origin.EventId} {entry.LocalRevision}"))
        {
            world.Violate("P4 once", $"{project}: {entry.Revision} repeats {entry.LocalRevision} of {entry.Origin}");
        }

        if (entry.Session is { } session && !accepted.Add($"{session} {entry.LocalRevision}"))
        {
            world.Violate("P4 once", $"{project}: {entry.Revision} repeats {entry.LocalRevision} of session {session}");
        }
    }

    private void CheckAuthorsOrder(LogEntry entry)
    {
        if (!LocalRevision.TryRead(entry.LocalRevision, out var local))
        {
            return;
        }

        var author = entry.Session ?? entry.Origin.Connection.Value;
        var now = (entry.Session is null ? entry.Origin.EventId : 0, local);
        if (lastOfAuthor.TryGetValue(author, out var before) && now.CompareTo(before) <= 0)
        {
            world.Violate("P1 total order", $"{project}: {entry.Revision} of {author} is {now}, after {before}");
        }

        lastOfAuthor[author] = now;
    }
}
