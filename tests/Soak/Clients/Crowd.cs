using ServerlessSync.Soak.Checks;

namespace ServerlessSync.Soak.Clients;

/// <summary>All editors of one project, and their shared state.</summary>
internal sealed class Crowd : IDisposable
{
    private readonly List<Editor> editors;
    private readonly double cutShare;
    private readonly Dictionary<long, (string Names, string Editor)> datasets = [];
    private readonly PriorityQueue<TaskCompletionSource, long> milestones = new();
    private readonly Lock guard = new();
    private View? start;
    private long startRevision = long.MaxValue;
    private long toClaim;
    private long accepted;
    private long losses;

    /// <param name="url">The address to which pages connect.</param>
    /// <param name="project">The project's id as JSON text.</param>
    /// <param name="count">The number of editors.</param>
    /// <param name="edits">The number of edits after which the run ends.</param>
    /// <param name="cutShare">The probability that an editor loses its network before it reads a message.</param>
    /// <param name="seed">Determines the edits, and which editors lose their network.</param>
    /// <param name="time">The clock.</param>
    public Crowd(Uri url, string project, int count, long edits, double cutShare, int seed, TimeProvider time)
    {
        Url = url;
        Project = project;
        Time = time;
        this.cutShare = cutShare;
        toClaim = edits;
        editors =
        [
            .. Enumerable
                .Range(1, count)
                .Select(number => new Editor(this, $"Editor {number} of {project}", unchecked((seed * 1_000) + number))),
        ];
    }

    public Uri Url { get; }

    public string Project { get; }

    public TimeProvider Time { get; }

    /// <summary>The edits of each editor that are in flight at once: a lost connection loses several.</summary>
    public int Window { get; init; } = 3;

    public Findings Findings { get; init; } = new();

    public LatencyHistogram Latencies { get; init; } = new();

    public IReadOnlyList<Editor> Editors => editors;

    public long Accepted => Interlocked.Read(ref accepted);

    /// <summary>Lost connections, for whatever reason.</summary>
    public long Losses => Interlocked.Read(ref losses);

    /// <summary>Datasets received by all editors.</summary>
    public IReadOnlyDictionary<long, (string Names, string Editor)> Datasets => datasets;

    /// <summary>The first state that any editor received, and its revision.</summary>
    public (View View, long Revision) Start => (start!, startRevision);

    /// <summary>Completes when all edits are made and acknowledged.</summary>
    public Task EditAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(editors.Select(editor => editor.EditAsync(cancellationToken)));

    /// <summary>Completes when all editors have a revision.</summary>
    public Task FollowAsync(long upTo, CancellationToken cancellationToken) =>
        Task.WhenAll(editors.Select(editor => editor.FollowAsync(upTo, cancellationToken)));

    /// <summary>Stops new edits.</summary>
    public void Stop() => Interlocked.Exchange(ref toClaim, 0);

    /// <summary>Whether one more edit may be made.</summary>
    public bool TryClaim() => Interlocked.Decrement(ref toClaim) >= 0;

#pragma warning disable CA5394 // Repeatable on purpose; nothing is kept secret by it.
    public bool IsCut(Random random) => random.NextDouble() < cutShare;
#pragma warning restore CA5394

    /// <summary>Completes when that many edits are acknowledged.</summary>
    public Task AcceptedAsync(long count)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (guard)
        {
            milestones.Enqueue(reached, count);
        }

        TellMilestones();
        return reached.Task;
    }

    public void NoteAccepted(TimeSpan after)
    {
        Interlocked.Increment(ref accepted);
        Latencies.Add(after);
        TellMilestones();
    }

    public void NoteLoss() => Interlocked.Increment(ref losses);

    /// <summary>Records a dataset for the comparison with the log; two at one revision must be equal.</summary>
    public void NoteDataset(long revision, View view, string editor)
    {
        var names = view.Text;
        lock (guard)
        {
            if (!datasets.TryAdd(revision, (names, editor)) && datasets[revision].Names != names)
            {
                Findings.Add(Finding.Wrong, $"{editor} and {datasets[revision].Editor} got different datasets at {revision}");
            }

            if (revision < startRevision)
            {
                (start, startRevision) = (view.Copy(), revision);
            }
        }
    }

    public void Dispose() => editors.ForEach(static editor => editor.Dispose());

    private void TellMilestones()
    {
        lock (guard)
        {
            while (milestones.TryPeek(out var reached, out var count) && count <= Accepted)
            {
                milestones.Dequeue();
                reached.TrySetResult();
            }
        }
    }
}
