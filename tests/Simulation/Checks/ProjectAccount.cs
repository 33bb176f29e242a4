using ServerlessSync.Core.Archives;
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
    private readonly HashSet<string> acceptedOfSessions = new(StringComparer.Ordinal);
    private readonly List<LogPeriod> periods = [];
    private readonly Dictionary<string, (long Event, long Local)> lastOfAuthor = new(StringComparer.Ordinal);
    private readonly PhantomBook phantoms = new(world, project);
    private readonly ResourceBook resources = new(world, project);
    private Head? head;
    private (long Revision, TimeSpan Time)? lastReset;

    /// <summary>Tasks that were removed and added again.</summary>
    public ReturnBook Returns { get; } = new();

    /// <summary>The access lists over time.</summary>
    public AccessHistory Access { get; } = new();

    /// <summary>All entries, in order. A restore from an archive leaves a gap in the numbers.</summary>
    public IReadOnlyList<LogEntry> Entries => entries;

    /// <summary>The highest number: of an entry, or of a restore from an archive.</summary>
    public long Revision { get; private set; }

    /// <summary>One period per beginning of the log: its creation and each restore from an archive.</summary>
    public IReadOnlyList<LogPeriod> Periods => periods;

    public Head Head => head!;

    /// <summary>The entry with a number.</summary>
    public LogEntry EntryOf(long revision) => entries[IndexOf(revision)];

    /// <summary>When a revision became durable.</summary>
    public TimeSpan TimeOf(long revision) => times[IndexOf(revision)];

    /// <summary>The entries with <paramref name="after"/> &lt; revision ≤ <paramref name="upTo"/>.</summary>
    public IEnumerable<LogEntry> Between(long after, long upTo) =>
        entries.Where(entry => entry.Revision > after && entry.Revision <= upTo);

    /// <summary>Whether a reset or a restore replaced all data at a revision in the same range.</summary>
    public bool IsReplacedBetween(long after, long upTo) =>
        Between(after, upTo).Any(static entry => entry.ReplacesAll)
        || periods.Exists(period => period.Anchor > after && period.Anchor <= upTo);

    /// <summary>When the last reset or restore became durable; <see cref="TimeSpan.MinValue"/> for none.</summary>
    public TimeSpan TimeOfLastReset => lastReset?.Time ?? TimeSpan.MinValue;

    /// <summary>When the last restore from an archive became durable; <see cref="TimeSpan.MinValue"/> for none.</summary>
    public TimeSpan TimeOfLastArchive => periods is [.., { Anchor: > 0 } last] ? last.Time : TimeSpan.MinValue;

    /// <summary>Whether a head names a new base: the project is new, or was restored from an archive.</summary>
    public bool BeginsAnew(Head next) => head is null || head.BaseKey != next.BaseKey;

    /// <summary>
    /// Begins the log of a new project or of a restore from an archive. A restore continues above the highest known number (1,000,000 above that of a
    /// tombstone), and in a new generation.
    /// </summary>
    public void Begin(LogPeriod period, Head next)
    {
        periods.Add(period);
        if (head is not { } before)
        {
            Revision = next.Revision;
            return;
        }

        // The number is chosen when the restore begins. Until it ends, an existing project accepts revisions, or another restore ends.
        var gap = before.IsDeleted ? ArchiveLimits.RevisionGap : 1;
        if (next.Revision < Revision + gap)
        {
            world.Violate("P1 total order", $"{project} is restored at {next.Revision}; {Revision} was known");
        }

        if (next.Generation <= before.Generation)
        {
            world.Violate("P3 in order", $"{project} is restored in generation {next.Generation}, which is not above that of {before}");
        }

        Revision = next.Revision;
        lastReset = (next.Revision, world.Time.Elapsed);
        // The restore discards what was accepted and deduplicated since the archive, and closes the pages.
        acceptedOfSessions.Clear();
        lastOfAuthor.Clear();
        phantoms.Forget();
        resources.Forget();
        Returns.Forget();
        world.Figures.Archives++;
    }

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
            if (entry.Revision != Revision + 1)
            {
                world.Violate("P1 total order", $"{project}: {entry.Revision} follows {Revision}");
            }

            entries.Add(entry);
            Revision = entry.Revision;
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
            Returns.Note(entry);
        }
    }

    private int IndexOf(long revision)
    {
        // Without a restore from an archive the index follows from the revision.
        var guess = (int)Math.Min(revision, entries.Count) - 1;
        return guess >= 0 && entries[guess].Revision == revision ? guess : entries.FindIndex(entry => entry.Revision == revision);
    }

    private void CheckRight(LogEntry entry)
    {
        if (Access.Now.RoleOf(entry.Origin.User) < Role.Editor)
        {
            world.Violate("P7 isolation", $"{project}: {entry.Revision} is by {entry.Origin}, who may not edit");
        }
    }

    /// <summary>P5: a change that our client made before a reset is not applied after it.</summary>
    private void CheckDataset(LogEntry entry)
    {
        if (entry.ReplacesAll)
        {
            lastReset = (entry.Revision, world.Time.Elapsed);
            CheckReset(entry);
        }
        else if (
            entry.Session is { } session
            && world.Stated.TryGetValue((session, entry.LocalRevision), out var dataset)
            && dataset < lastReset?.Revision
        )
        {
            world.Violate(
                "P5 convergence",
                $"{project}: {entry.Revision} of {entry.Origin} was made on {dataset}, before the reset {lastReset?.Revision}"
            );
        }
    }

    /// <summary>P5: a reset that was sent before a restore from an archive does not undo it.</summary>
    private void CheckReset(LogEntry entry)
    {
        if (
            entry.Restored is null
            && periods is [.., { Anchor: > 0 and var anchor }]
            && world.Service.Find(entry.Origin.Connection)?.Subscription.DatasetOf(project) < anchor
        )
        {
            world.Violate("P5 convergence", $"{project}: {entry.Revision} of {entry.Origin} resets what was restored at {anchor}, which it has not seen");
        }
    }

    private void CheckOnce(LogEntry entry)
    {
        if (!accepted.Add($"{entry.Origin.Connection} {entry.Origin.EventId} {entry.LocalRevision}"))
        {
            world.Violate("P4 once", $"{project}: {entry.Revision} repeats {entry.LocalRevision} of {entry.Origin}");
        }

        if (entry.Session is { } session && !acceptedOfSessions.Add($"{session} {entry.LocalRevision}"))
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
