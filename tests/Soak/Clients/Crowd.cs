using ServerlessSync.Soak.Checks;

namespace ServerlessSync.Soak.Clients;

/// <summary>All editors of one project, and what they have in common.</summary>
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

    /// <param name="url">Where pages connect.</param>
    /// <param name="project">The project's id as JSON text.</param>
    /// <param name="count">Editors.</param>
    /// <param name="edits">Edits after which it is enough.</param>
    /// <param name="cutShare">The probability that an editor loses its network before it reads a message.</param>
    /// <param name="seed">Decides what is edited, and who loses its network.</param>
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

    /// <summary>Edits of each editor that are on their way at once: a lost connection loses several.</summary>
    public int Window { get; init; } = 3;

    public Findings Findings { get; init; } = new();

    public LatencyHistogram Latencies { get; init; } = new();

    public IReadOnlyList<Editor> Editors => editors;

    public long Accepted => Interlocked.Read(ref accepted);

    /// <summary>Connections that were lost, for whatever reason.</summary>
    public long Losses => Interlocked.Read(ref losses);

    /// <summary>Datasets that somebody got.</summary>
    public IReadOnlyDictionary<long, (string Names, string Editor)> Datasets => datasets;

    /// <summary>The first state that anybody got, and its revision.</summary>
    public (View View, long Revision) Start => (start!, startRevision);

    /// <summary>Ends when all edits are made and acknowledged.</summary>
    public Task EditAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(editors.Select(editor => editor.EditAsync(cancellationToken)));

    /// <summary>Ends when everybody has a revision.</summary>
    public Task FollowAsync(long upTo, CancellationToken cancellationToken) =>
        Task.WhenAll(editors.Select(editor => editor.FollowAsync(upTo, cancellationToken)));

    /// <summary>No new edits.</summary>
    public void Stop() => Interlocked.Exchange(ref toClaim, 0);

    /// <summary>Whether one more edit may be made.</summary>
    public bool TryClaim() => Interlocked.Decrement(ref toClaim) >= 0;

#pragma warning disable CA5394 // Repeatable on purpose; nothing is kept secret by it.
    public bool IsCut(Random random) => random.NextDouble() < cutShare;
#pragma warning restore CA5394

    /// <summary>Ends when that many edits are acknowledged.</summary>
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

    /// <summary>Remembers a dataset for the comparison with the log; two at one revision must be equal.</summary>
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
