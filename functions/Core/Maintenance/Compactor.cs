using System.Diagnostics.CodeAnalysis;
using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Engine.Subscribing;
using ServerlessSync.Core.History;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.State;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Maintenance;

/// <summary>
/// Removes revisions beyond the retention from the logs of all projects, a few projects per call. Call it from a timer,
/// like the sweep.
/// </summary>
/// <remarks>
/// First, the state at the last revision to remove is stored as the project's anchor, and the head names it. From then
/// on, the rows below are obsolete: loads begin with the anchor or a newer snapshot, and a reader that finds rows
/// missing reads the head again. Then the rows are removed. A later round resumes an interrupted compaction, except
/// that unreachable contents of versions stay.
/// </remarks>
public sealed class Compactor
{
    /// <summary>Engines that write the head meanwhile win; the next round retries a busy project.</summary>
    private static readonly OptimisticWrite Races = new();

    private readonly EngineDependencies services;
    private readonly RetentionOptions options;
    private readonly LoadingGate gate;
    private readonly CompactionCursor cursor;

    /// <summary>Creates a compactor without I/O.</summary>
    /// <param name="services">Its dependencies.</param>
    /// <param name="options">The retention.</param>
    /// <param name="gate">The process-wide gate through which it loads projects.</param>
    public Compactor(EngineDependencies services, RetentionOptions options, LoadingGate gate)
    {
        this.gate = gate;
        ArgumentNullException.ThrowIfNull(services);
        this.services = services;
        this.options = options;
        cursor = new CompactionCursor(services.Store.Background);
    }

    /// <summary>Checks the next projects and compacts those that are due.</summary>
    /// <exception cref="StorageException">
    /// The projects cannot be listed. Failures of single projects go to the observer.
    /// </exception>
    public async Task<CompactionReport> CompactAsync(CancellationToken cancellationToken)
    {
        if (options.Age is not { } age)
        {
            return new CompactionReport(Projects: 0, Compacted: 0, RowsRemoved: 0);
        }

        var (compacted, removed) = (0, 0);
        var projects = await cursor.NextAsync(options.ProjectsMax, cancellationToken);
        var before = services.Time.GetUtcNow() - age;
        foreach (var project in projects)
        {
            var (isCompacted, rows) = await TryAsync(project, before, mayFold: compacted < options.CompactionsMax, cancellationToken);
            compacted += isCompacted ? 1 : 0;
            removed += rows;
        }

        return new CompactionReport(projects.Count, compacted, removed);
    }

    [SuppressMessage(
        "Design",
        "CA1031:Do not catch general exception types",
        Justification = "A project with an unreadable log is left as it is, and must not prevent the compaction of others."
    )]
    private async Task<(bool IsCompacted, int Rows)> TryAsync(
        ProjectId project,
        DateTimeOffset before,
        bool mayFold,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await CompactAsync(project, before, mayFold, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            services.Observer.Failed(project, exception);
            return (false, 0);
        }
    }

    private async Task<(bool IsCompacted, int Rows)> CompactAsync(
        ProjectId project,
        DateTimeOffset before,
        bool mayFold,
        CancellationToken cancellationToken
    )
    {
        var log = new ProjectLog(services.Store, project);
        if (
            await log.ReadHeadAsync(cancellationToken) is not { Value: { IsDeleted: false } head }
            || await log.FindOldestAsync(cancellationToken) is not { } oldest
        )
        {
            return (false, 0);
        }

        if (oldest.First < head.LogStart)
        {
            // An earlier compaction was interrupted, or had more to remove than one call may.
            return (false, await RemoveAsync(log, head, cancellationToken));
        }

        var contents = new UnreachableVersionContent();
        if (!mayFold || oldest.Time > before - options.Slack)
        {
            return (false, 0);
        }

        using var loading = gate.Open(LoadingKind.Bulk);
        if (await FoldAsync(log, head, before, contents, loading, cancellationToken) is not { } state)
        {
            return (false, 0);
        }

        await loading.Memory.ReserveAsync(LoadingCost.Write * state.Dataset.TextBytes);
        state.Dataset.ForgetRemovedContents();
        var key = RowKeys.Anchor(state.Revision, services.Ids.NewId());
        await log.WritePayloadAsync(key, StateSnapshot.Write(state), cancellationToken);
        if (await NameAsync(log, head, key, cancellationToken) is not { } named)
        {
            return (false, 0);
        }

        var rows = await RemoveAsync(log, named, cancellationToken);
        return (true, rows + await contents.RemoveAsync(log, named, state.Dataset, loading, cancellationToken));
    }

    /// <summary>The state at the last revision that can be removed; null when none can.</summary>
    private async Task<ProjectState?> FoldAsync(
        ProjectLog log,
        Head head,
        DateTimeOffset before,
        UnreachableVersionContent contents,
        LoadingScope loading,
        CancellationToken cancellationToken
    )
    {
        // Keep unpublished revisions, which are still to be sent, and recent ones, which resends may refer to.
        var last = Math.Min(head.Published, head.Revision - options.RevisionsKept);
        var key = head.StateKey(head.LogStart - 1);
        if (last < head.LogStart || await StateSnapshot.ReadAsync(log, key, loading, cancellationToken) is not { State: var state })
        {
            return null;
        }

        contents.Note(state.Dataset);
        try
        {
            return await FoldAsync(log, head, state, (last, before), contents, loading, cancellationToken) ? state : null;
        }
        catch (InvalidDataException exception)
        {
            await log.ThrowWhenRemovedAsync(state.Revision + 1, exception, cancellationToken);
            throw;
        }
    }

    /// <summary>Folds the revisions that can be removed. False when there are none.</summary>
    private async Task<bool> FoldAsync(
        ProjectLog log,
        Head head,
        ProjectState state,
        (long Revision, DateTimeOffset Time) last,
        UnreachableVersionContent contents,
        LoadingScope loading,
        CancellationToken cancellationToken
    )
    {
        var replacements = new ReplacementDatasetCache(log, loading);
        var folded = 0;
        await foreach (var commit in log.ReadCommitsAsync(state.Revision, head.Revision, cancellationToken))
        {
            if (commit.Last > last.Revision || commit.Time > last.Time || folded == options.CommitsMax)
            {
                break;
            }

            await replacements.FetchAsync(commit.Entries, head, cancellationToken);
            state.Fold(commit, entry => replacements.Find(ReplacementDatasetCache.KeyOf(entry, head)));
            contents.Note(commit, entry => replacements.Find(ReplacementDatasetCache.KeyOf(entry, head)));
            loading.Memory.Set(state.ApproximateBytes + replacements.ApproximateBytes);
            folded++;
        }

        return folded > 0;
    }

    /// <summary>
    /// Writes a head that names the anchor. Null when the project was compacted or deleted by another process, or is
    /// too busy.
    /// </summary>
    private static async Task<Head?> NameAsync(ProjectLog log, Head basis, string key, CancellationToken cancellationToken)
    {
        StoredHead? named = null;
        await Races.TryAsync(
            async () =>
            {
                if (
                    await log.ReadHeadAsync(cancellationToken) is not { Value.IsDeleted: false } now
                    || !string.Equals(now.Value.AnchorKey, basis.AnchorKey, StringComparison.Ordinal)
                )
                {
                    return true;
                }

                named = await log.WriteAsync(now, now.Value with { AnchorKey = key }, commit: null, cancellationToken);
                return named is not null;
            },
            cancellationToken
        );
        return named?.Value;
    }

    /// <summary>Removes rows that no reader of this head needs, up to the limit of one call.</summary>
    private async Task<int> RemoveAsync(ProjectLog log, Head head, CancellationToken cancellationToken)
    {
        var removed = 0;
        int rows;
        do
        {
            rows = await log.RemoveCommitsBeforeAsync(head.LogStart, cancellationToken);
            removed += rows;
        } while (rows > 0 && removed < options.RowsMax);

        if (rows == 0)
        {
            // Anchors of interrupted compactions are removed with the next one.
            while ((rows = await log.RemoveAnchorsBeforeAsync(head.AnchorKey, cancellationToken)) > 0)
            {
                removed += rows;
            }
        }

        return removed;
    }
}

/// <summary>The result of one compaction call.</summary>
/// <param name="Projects">Projects that it checked.</param>
/// <param name="Compacted">Projects whose log it shortened.</param>
/// <param name="RowsRemoved">Rows that it removed.</param>
public sealed record CompactionReport(int Projects, int Compacted, int RowsRemoved);
