using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Log;

namespace ServerlessSync.Core.State;

/// <summary>The folded state of a project: everything that follows from its base dataset and its commits.</summary>
internal sealed class ProjectState
{
    public ProjectState(Dataset dataset) => Dataset = dataset;

    public long Revision { get; private set; }

    public Dataset Dataset { get; }

    public DeduplicationState Repeats { get; private init; } = new();

    /// <summary>The last reset or restore; 0 when there was none.</summary>
    public long ResetRevision { get; private set; }

    public DateTimeOffset ResetTime { get; private set; }

    /// <summary>A rough count of the memory it takes.</summary>
    public long ApproximateBytes => Dataset.ApproximateBytes + Repeats.ApproximateBytes;

    /// <summary>Applies a commit of another engine.</summary>
    /// <param name="commit">The next commit.</param>
    /// <param name="replacementOf">What a reset or restore goes back to; asked for those alone.</param>
    public void Fold(Commit commit, Func<LogEntry, Dataset?> replacementOf)
    {
        foreach (var entry in commit.Entries)
        {
            Apply(entry, entry.ReplacesAll ? replacementOf(entry) : null);
        }

        Remember(commit);
    }

    /// <summary>Applies one entry to the dataset alone.</summary>
    public void Apply(LogEntry entry, Dataset? replacement)
    {
        switch (entry.Kind)
        {
            case EntryKind.Change:
                Dataset.Apply(entry.Changes, entry.Cut, entry.Rule);
                foreach (var content in entry.Contents)
                {
                    Dataset.NameContent(content.Version, content.Key);
                }

                break;
            case EntryKind.Reset:
            case EntryKind.Restore:
                Dataset.ResetTo(
                    replacement ?? throw new InvalidOperationException("What a reset or restore goes back to must be loaded first."),
                    entry.Rule
                );
                break;
            default:
                throw new InvalidDataException($"Revision {entry.Revision} is of the unknown kind {(int)entry.Kind}.");
        }
    }

    /// <summary>Takes note of a commit whose entries are applied already.</summary>
    public void Remember(Commit commit)
    {
        if (commit.First != Revision + 1)
        {
            throw new InvalidDataException($"The state stands at {Revision}; a commit from {commit.First} does not follow.");
        }

        Revision = commit.Last;
        Repeats.Remember(commit);
        foreach (var entry in commit.Entries)
        {
            if (entry.ReplacesAll)
            {
                ResetRevision = entry.Revision;
                ResetTime = commit.Time;
            }
        }
    }

    /// <summary>A copy for a snapshot that is written while this one changes.</summary>
    public ProjectState Clone() =>
        new(Dataset.Clone())
        {
            Revision = Revision,
            Repeats = Repeats.Clone(),
            ResetRevision = ResetRevision,
            ResetTime = ResetTime,
        };

    /// <summary>Takes over what a snapshot says beside the dataset.</summary>
    public void Restore(long revision, long resetRevision, DateTimeOffset resetTime)
    {
        Revision = revision;
        ResetRevision = resetRevision;
        ResetTime = resetTime;
    }
}
