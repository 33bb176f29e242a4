using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.History;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.State;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Projects;

/// <content>A project's history, for its owners.</content>
/// <remarks>
/// Owners only: the history contains data that may have been removed before others got access, and a restore discards
/// the work of others.
/// </remarks>
public sealed partial class ProjectAdministration
{
    /// <summary>Revisions of one page, at most.</summary>
    public const int RevisionsPageMax = HistoryReader.PageMax;

    /// <summary>The dataset at a retained revision; revision 0 is the initial dataset.</summary>
    public Task<AdministrationResult> ExportAsync(string user, ProjectId project, long revision, CancellationToken cancellationToken) =>
        ReadHistoryAsync(
            user,
            project,
            revision,
            (dataset, loading) => ShowAsync(revision, dataset, loading),
            cancellationToken
        );

    /// <summary>Lists revisions, newest first.</summary>
    /// <param name="user">An owner.</param>
    /// <param name="project">The project.</param>
    /// <param name="before">Revisions below this one; null for the newest.</param>
    /// <param name="limit">1 to <see cref="RevisionsPageMax"/>.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
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
    /// Restores the project to an earlier revision, as a new revision: subscribers receive the dataset, numbering
    /// continues, and the history keeps the revisions since.
    /// </summary>
    /// <param name="user">An owner.</param>
    /// <param name="project">The project.</param>
    /// <param name="revision">The revision; 0 is the initial dataset.</param>
    /// <param name="cancellationToken">Cancels the wait only.</param>
    public async Task<AdministrationResult> RestoreAsync(string user, ProjectId project, long revision, CancellationToken cancellationToken)
    {
        var restored = new RestoredDataset(revision, RowKeys.Restored(services.Ids.NewId()));
        var log = new ProjectLog(services.Store, project);
        var bytes = 0;
        var written = await ReadHistoryAsync(
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

        // A connection id that no other entry has distinguishes this request from every event and every other request.
        var origin = new Origin(user, new ConnectionId(restored.Key), EventId: 1);
        var outcome = await sequencers.RestoreAsync(project, origin, restored, bytes, cancellationToken);
        if (outcome is ProjectOutcome.Denied or ProjectOutcome.Gone)
        {
            // The request was refused, so no entry will ever name the rows. After any other outcome, one may.
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
            // Orphaned rows must not change the answer.
            services.Observer.Failed(log.Project, exception);
        }
    }

    /// <summary>
    /// The revision of a request. When another engine committed it, only its approximate position is known.
    /// </summary>
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

    /// <summary>Passes the dataset of a revision to a function if the user is an owner.</summary>
    private async Task<AdministrationResult> ReadHistoryAsync(
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
            _ => throw new InvalidOperationException("The result is not a refusal."),
        };
}
