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
/// Removes what is older than the retention from the logs of all projects, some projects at a time. Meant for a timer, beside the sweep.
/// </summary>
/// <remarks>
/// The state at the last revision that goes is stored as the project's anchor first, and named by its head. From then on nobody needs what
/// is below it: whoever loads begins with the anchor or a newer snapshot, and what was read of the log before is read again by whoever
/// finds a piece of it missing. Then the rows go. Broken off anywhere it is taken up again in a later round;
/// contents of versions alone are left where they are then.
/// </remarks>
public sealed class Compactor
{
    /// <summary>Engines that write the head meanwhile win; a busy project is tried again in the next round.</summary>
    private static readonly OptimisticWrite Races = new();

    private readonly EngineDependencies services;
    private readonly RetentionOptions options;
    private readonly LoadingGate gate;
    private readonly CompactionCursor walk;

    /// <summary>Makes a compactor; does no I/O.</summary>
    /// <param name="services">What it needs from outside.</param>
    /// <param name="options">What is kept.</param>
    /// <param name="gate">Through which it loads projects, as everybody in the process does.</param>
    public Compactor(EngineDependencies services, RetentionOptions options, LoadingGate gate)
    {
        this.gate = gate;
        ArgumentNullException.ThrowIfNull(services);
        this.services = services;
        this.options = options;
        walk = new CompactionCursor(services.Store.Background);
    }

    /// <summary>One call: looks at the next projects and compacts those that are due.</summary>
    /// <exception cref="StorageException">The projects cannot be listed. Projects that fail one by one are told to the observer.</exception>
    public async Task<CompactionReport> CompactAsync(CancellationToken cancellationToken)
    {
        if (options.Age is not { } age)
        {
            return new CompactionReport(Projects: 0, Compacted: 0, RowsRemoved: 0);
        }

        var (compacted, removed) = (0, 0);
        var projects = await walk.NextAsync(options.ProjectsMax, cancellationToken);
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
        Justification = "A project whose log cannot be read keeps what it has, and must not keep others from being compacted."
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
            // A compaction was broken off, or had more to remove than goes into one call.
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

    /// <summary>The state at the last revision that can go; null when none can.</summary>
    private async Task<ProjectState?> FoldAsync(
        ProjectLog log,
        Head head,
        DateTimeOffset before,
        UnreachableVersionContent contents,
        LoadingScope loading,
        CancellationToken cancellationToken
    )
    {
        // What is not published is still to be sent, and what is young is what somebody may be in the middle of.
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

    /// <summary>Folds what can go. False when nothing can.</summary>
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

    /// <summary>Has the head name the anchor. Null when somebody else compacted the project, or deleted it, or it is too busy.</summary>
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

    /// <summary>Removes what no reader of this head needs, as much as one call may.</summary>
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
            // Those of compactions that were broken off go with the next one.
            while ((rows = await log.RemoveAnchorsBeforeAsync(head.AnchorKey, cancellationToken)) > 0)
            {
                removed += rows;
            }
        }

        return removed;
    }
}

/// <summary>What one call of the compactor found and did.</summary>
/// <param name="Projects">Projects that it looked at.</param>
/// <param name="Compacted">Those whose log begins later now.</param>
/// <param name="RowsRemoved">Rows that are gone.</param>
public sealed record CompactionReport(int Projects, int Compacted, int RowsRemoved);
