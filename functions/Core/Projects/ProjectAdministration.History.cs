using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.History;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.State;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Projects;

/// <content>What owners do with a project's past.</content>
/// <remarks>
/// For owners alone: the past holds what was taken out before others were let in. To go back discards what others have done since.
/// </remarks>
public sealed partial class ProjectAdministration
{
    /// <summary>Revisions that one page holds at most.</summary>
    public const int RevisionsPageMax = HistoryReader.PageMax;

    /// <summary>The dataset as it was at a revision that is still retained; 0 is what the project began with.</summary>
    public Task<AdministrationResult> ExportAsync(string user, ProjectId project, long revision, CancellationToken cancellationToken) =>
        ReadPastAsync(
            user,
            project,
            revision,
            (dataset, loading) => ShowAsync(revision, dataset, loading),
            cancellationToken
        );

    /// <summary>Who changed what, newest first.</summary>
    /// <param name="user">An owner.</param>
    /// <param name="project">The project.</param>
    /// <param name="before">Revisions below this one; null for the newest.</param>
    /// <param name="limit">1 to <see cref="RevisionsPageMax"/>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<AdministrationResult> ListRevisionsAsync(
        string user,
        ProjectId project,
        long? before,
        int limit,
        CancellationToken cancellationToken
    )
    {
        if (await FindAsync(project, cancellationToken) is not { } access)
        {
            return new AdministrationResult.NotFound();
        }

        return NeedsOwner(access, user)
            ?? (
                await ListAsync(project, before, limit, cancellationToken) is var found
                && found is HistoryResult.Listed listed
                    ? new AdministrationResult.Revisions(listed.Page)
                    : Translate(found)
            );
    }

    /// <summary>
    /// Puts the project back to what it was at a revision, as a new revision: subscribers get the dataset, numbers go on, and what was done
    /// since stays in the history.
    /// </summary>
    /// <param name="user">An owner.</param>
    /// <param name="project">The project.</param>
    /// <param name="revision">The revision; 0 is what the project began with.</param>
    /// <param name="cancellationToken">Ends the wait only.</param>
    public async Task<AdministrationResult> RestoreAsync(string user, ProjectId project, long revision, CancellationToken cancellationToken)
    {
        var restored = new RestoredDataset(revision, RowKeys.Restored(services.Ids.NewId()));
        var log = new ProjectLog(services.Store, project);
        var bytes = 0;
        var written = await ReadPastAsync(
            user,
            project,
            revision,
            async (dataset, loading) =>
            {
                await loading.Memory.ReserveAsync(LoadingCost.Write * dataset.TextBytes);
                var content = StateSnapshot.WriteBase(dataset);
                bytes = content.Length;
                await log.WritePayloadAsync(restored.Key, content, cancellationToken);
                return new AdministrationResult.Done();
            },
            cancellationToken
        );
        return written is AdministrationResult.Done ? await RestoreAsync(user, log, restored, bytes, cancellationToken) : written;
    }

    private async Task<AdministrationResult> RestoreAsync(
        string user,
        ProjectLog log,
        RestoredDataset restored,
        int bytes,
        CancellationToken cancellationToken
    )
    {
        var project = log.Project;

        // No other entry has this connection, so that the request is told apart from every event and every other request.
        var origin = new Origin(user, new ConnectionId(restored.Key), EventId: 1);
        var outcome = await sequencers.RestoreAsync(project, origin, restored, bytes, cancellationToken);
        if (outcome is ProjectOutcome.Denied or ProjectOutcome.Gone)
        {
            // Decided, so no entry will ever name the rows; with any other outcome, one may.
            await RemoveAsync(log, restored.Key, cancellationToken);
        }

        return outcome switch
        {
            ProjectOutcome.Done done => new AdministrationResult.Restored(await FindAsync(project, origin, done.Revision, cancellationToken)),
            ProjectOutcome.ReadOnly readOnly => new AdministrationResult.Quarantined(readOnly.Reason),
            _ => Translate(outcome),
        };
    }

    private async Task RemoveAsync(ProjectLog log, string key, CancellationToken cancellationToken)
    {
        try
        {
            await log.RemovePayloadAsync(key, cancellationToken);
        }
        catch (StorageException exception)
        {
            // Rows that nobody reads are no reason to answer something else.
            services.Observer.Failed(log.Project, exception);
        }
    }

    /// <summary>The number that a request got. When another engine committed it, what is known is only about where it is.</summary>
    private async Task<long> FindAsync(ProjectId project, Origin origin, long near, CancellationToken cancellationToken)
    {
        var first = Math.Max(1, near - sequencers.Options.CommitEntriesMax);
        var log = new ProjectLog(services.Store, project);
        await foreach (var entry in log.ReadEntriesAsync(first, long.MaxValue - 1, cancellationToken))
        {
            if (entry.Origin == origin)
            {
                return entry.Revision;
            }
        }

        return near;
    }

    private async Task<HistoryResult> ListAsync(ProjectId project, long? before, int limit, CancellationToken cancellationToken)
    {
        using var loading = Loading.Open(LoadingKind.Bulk);
        return await new HistoryReader(services.Store, loading).ListAsync(project, before, limit, cancellationToken);
    }

    /// <summary>Does something with the dataset of a revision, if the user is an owner.</summary>
    private async Task<AdministrationResult> ReadPastAsync(
        string user,
        ProjectId project,
        long revision,
        Func<Dataset, LoadingScope, Task<AdministrationResult>> use,
        CancellationToken cancellationToken
    )
    {
        if (await FindAsync(project, cancellationToken) is not { } access)
        {
            return new AdministrationResult.NotFound();
        }

        if (NeedsOwner(access, user) is { } refused)
        {
            return refused;
        }

        return await LoadAsync(async loading =>
            await new HistoryReader(services.Store, loading).ReadAsync(project, revision, cancellationToken) is var found
            && found is HistoryResult.Found { Dataset: var dataset }
                ? await use(dataset, loading)
                : Translate(found)
        );
    }

    private static AdministrationResult Translate(HistoryResult result) =>
        result switch
        {
            HistoryResult.Missing => new AdministrationResult.NotFound(),
            HistoryResult.NotReached notReached => new AdministrationResult.NotReached(notReached.Last),
            HistoryResult.NotRetained notRetained => new AdministrationResult.NotRetained(notRetained.First),
            HistoryResult.Unreadable => new AdministrationResult.Quarantined("The project's log cannot be read at this revision."),
            _ => throw new InvalidOperationException("A result that is no refusal."),
        };
}
