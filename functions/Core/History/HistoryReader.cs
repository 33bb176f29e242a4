using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using ServerlessSync.Core.Datasets.Deciding;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Engine.Subscribing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.State;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.History;

/// <summary>
/// Reads earlier datasets and the list of revisions of a project from the log alone, without an engine.
/// </summary>
internal sealed class HistoryReader(ITableStore store, LoadingScope loading)
{
    /// <summary>
    /// Revisions of one page: as many as a person scrolls through, and a few hundred rows to read at most.
    /// </summary>
    public const int PageMax = 200;

    /// <summary>Attempts when rows are removed while they are read: the next head names their replacement.</summary>
    private const int AttemptsMax = 3;

    /// <summary>
    /// The distance before a page's first revision at which the search for its commit begins; it is multiplied until
    /// the commit is found.
    /// </summary>
    private const int FirstStep = 16;

    /// <summary>
    /// The dataset at a revision. Reads the newest stored state at or below it and all commits between the two.
    /// </summary>
    /// <exception cref="LoadingRefusedException">
    /// There is no memory for it now, or its turn did not come in time.
    /// </exception>
    public async Task<HistoryResult> ReadAsync(ProjectId project, long revision, CancellationToken cancellationToken)
    {
        var log = new ProjectLog(store, project);
        for (var attempt = 1; ; attempt++)
        {
            if (await log.ReadHeadAsync(cancellationToken) is not { Value: { IsDeleted: false } head })
            {
                return new HistoryResult.Missing();
            }

            if (revision > head.Revision)
            {
                return new HistoryResult.NotReached(head.Revision);
            }

            if (revision < head.LogStart - 1)
            {
                return new HistoryResult.NotRetained(head.LogStart - 1);
            }

            if (await FoldAsync(log, head, revision, cancellationToken) is { } dataset)
            {
                return new HistoryResult.Found(dataset);
            }

            if (attempt == AttemptsMax)
            {
                return new HistoryResult.Unreadable();
            }
        }
    }

    /// <summary>The revisions before one, newest first; at most <see cref="PageMax"/>.</summary>
    /// <param name="project">The project.</param>
    /// <param name="before">The revision after the page; null for the newest page.</param>
    /// <param name="limit">The number of revisions.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<HistoryResult> ListAsync(
        ProjectId project,
        long? before,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var log = new ProjectLog(store, project);
        for (var attempt = 1; ; attempt++)
        {
            if (await log.ReadHeadAsync(cancellationToken) is not { Value: { IsDeleted: false } head })
            {
                return new HistoryResult.Missing();
            }

            var last = Math.Min(head.Revision, (before ?? long.MaxValue) - 1);
            var first = Math.Max(head.LogStart, last - Math.Min(limit, PageMax) + 1);
            if (await SummarizeAsync(log, head, first, last, cancellationToken) is { } revisions)
            {
                revisions.Reverse();
                return new HistoryResult.Listed(new RevisionPage(head.LogStart, head.Revision, revisions));
            }

            if (attempt == AttemptsMax)
            {
                return new HistoryResult.Unreadable();
            }
        }
    }

    /// <summary>The dataset; null when a row that it depends on is missing or cannot be applied.</summary>
    [SuppressMessage(
        "Design",
        "CA1031:Do not catch general exception types",
        Justification = "Any exception of the fold means that the commit cannot be applied (decision 0016)."
    )]
    private async Task<Dataset?> FoldAsync(ProjectLog log, Head head, long revision, CancellationToken cancellationToken)
    {
        try
        {
            if (
                await StateSnapshot.ReadAsync(log, head.StateKey(revision), loading, cancellationToken)
                is not { State: var state }
            )
            {
                return null;
            }

            var replacements = new ReplacementDatasetCache(log, loading);
            if (state.Revision == revision)
            {
                return state.Dataset;
            }

            await foreach (var commit in log.ReadCommitsAsync(state.Revision, head.Revision, cancellationToken))
            {
                var entries = commit.Entries.Where(entry => entry.Revision <= revision).ToList();
                await replacements.FetchAsync(entries, head, cancellationToken);
                foreach (var entry in entries)
                {
                    state.Apply(entry, replacements.Find(ReplacementDatasetCache.KeyOf(entry, head)));
                }

                loading.Memory.Set(state.ApproximateBytes + replacements.ApproximateBytes);

                if (commit.Last >= revision)
                {
                    break;
                }
            }

            return state.Dataset;
        }
        catch (Exception exception)
            when (exception is not (StorageException or LoadingRefusedException or OperationCanceledException or NewerFormatException))
        {
            return null;
        }
    }

    /// <summary>Summaries in ascending order; null when a commit is missing or cannot be read.</summary>
    private static async Task<List<RevisionSummary>?> SummarizeAsync(
        ProjectLog log,
        Head head,
        long first,
        long last,
        CancellationToken cancellationToken
    )
    {
        // Commits are found by their first revision, and the one that holds the page's first revision may begin far
        // before it.
        for (var step = 0L; ; step = Math.Max(FirstStep, step * 8))
        {
            var from = Math.Max(head.LogStart, first - step);
            var revisions = new List<RevisionSummary>();
            try
            {
                await foreach (var commit in log.ReadCommitsFromAsync(from, last, cancellationToken))
                {
                    revisions.AddRange(
                        commit.Entries.Where(entry => entry.Revision >= first && entry.Revision <= last).Select(entry => Summarize(entry, commit.Time))
                    );
                }
            }
            catch (Exception exception) when (exception is InvalidDataException or JsonException)
            {
                return null;
            }

            if (revisions.Count == Math.Max(0, last - first + 1))
            {
                return revisions;
            }

            if (from == head.LogStart)
            {
                return null;
            }
        }
    }

    private static RevisionSummary Summarize(LogEntry entry, DateTimeOffset time)
    {
        using var document = JsonDocument.Parse(entry.Changes);
        var root = document.RootElement;
        var fields = root.TryGetProperty(StoreNames.Project, out var project) && project.ValueKind == JsonValueKind.Object
            ? project.EnumerateObject().Count(static field => !field.NameEquals(FieldNames.Input))
            : 0;
        return new RevisionSummary(
            entry.Revision,
            entry.Kind,
            entry.Origin.User,
            time,
            entry.Restored?.Revision,
            [
                .. StoreChanges
                    .AllOf(root)
                    .Select(store => new StoreSummary(
                        store.Store,
                        store.AllAdded(store: null, entry.Rule).Count,
                        Count(store.Results.Updated, store.Input.Updated, entry.Rule),
                        Count(store.Results.Removed, store.Input.Removed, entry.Rule)
                    )),
            ],
            fields
        );
    }

    /// <summary>The distinct records of both lists: most user input is also among the results.</summary>
    private static int Count(IReadOnlyList<JsonElement> results, IReadOnlyList<JsonElement> input, IdentityRule rule)
    {
        var ids = new HashSet<JsonId>(JsonId.By(rule));
        foreach (var record in results.Concat(input))
        {
            if (ChangePart.TryReadId(record, FieldNames.Id, out var id))
            {
                ids.Add(id);
            }
        }

        return ids.Count;
    }
}
