using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Maintenance;

/// <summary>
/// Finishes jobs on whole projects whose process died (<see cref="JobTable"/>). All steps are idempotent and safe to
/// run concurrently, so the process that began a job is not consulted; the job's row stays until the job must have been
/// abandoned.
/// </summary>
internal sealed class JobSweep
{
    private readonly EngineDependencies services;
    private readonly SweepOptions options;
    private readonly JobTable jobs;
    private readonly ProjectListing listing;
    private readonly ProjectDeletion deletion;
    private readonly ListingMaintenance maintenance;

    public JobSweep(EngineDependencies services, SweepOptions options)
    {
        this.services = services;
        this.options = options;
        jobs = new JobTable(services.Store.Background);
        listing = new ProjectListing(services.Store.Background);
        deletion = new ProjectDeletion(services);
        maintenance = new ListingMaintenance(services.Store);
    }

    /// <summary>Runs one round. Returns the number of remaining rows.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var left = 0;
        foreach (var job in await jobs.ReadAsync(options.RowsMax, cancellationToken))
        {
            try
            {
                left += await TryFinishAsync(job, cancellationToken) ? 0 : 1;
            }
            catch (Exception exception) when (exception is StorageException or GatewayException)
            {
                services.Observer.Failed(job.Project, exception);
                left++;
            }
        }

        await maintenance.AdvanceAsync(cancellationToken);
        return left;
    }

    private Task<bool> TryFinishAsync(ProjectJob job, CancellationToken cancellationToken) =>
        job.Kind switch
        {
            JobKind.Creation => FinishCreationAsync(job, cancellationToken),
            JobKind.Deletion => FinishDeletionAsync(job, cancellationToken),
            JobKind.Listing => FinishListingAsync(
                job,
                listing.UpdateAsync(job.Project, job.Users is [var user] ? user : null, cancellationToken),
                cancellationToken
            ),
            JobKind.Restoration => FinishListingAsync(
                job,
                listing.UpdateAllAsync(job.Project, job.Users, cancellationToken),
                cancellationToken
            ),
            _ => Task.FromResult(false),
        };

    private async Task<bool> FinishCreationAsync(ProjectJob job, CancellationToken cancellationToken)
    {
        var log = new ProjectLog(services.Store, job.Project);
        if (!await log.IsCreatedByAsync(job.Subject, cancellationToken))
        {
            if (!await IsAbandonedAsync(job, cancellationToken))
            {
                return false;
            }

            if (await log.AbandonAsync(job.Subject, cancellationToken))
            {
                await jobs.RemoveAsync(job, cancellationToken);
                return true;
            }
        }

        await listing.UpdateAllAsync(job.Project, others: [], cancellationToken);
        await jobs.RemoveAsync(job, cancellationToken);
        return true;
    }

    private async Task<bool> FinishListingAsync(ProjectJob job, Task update, CancellationToken cancellationToken)
    {
        await update;
        if (!await IsAbandonedAsync(job, cancellationToken))
        {
            return false;
        }

        await jobs.RemoveAsync(job, cancellationToken);
        return true;
    }

    private async Task<bool> FinishDeletionAsync(ProjectJob job, CancellationToken cancellationToken)
    {
        if (job.IsPurged)
        {
            if (!await IsAbandonedAsync(job, cancellationToken))
            {
                return false;
            }

            await deletion.FinishAsync(job, cancellationToken);
            return true;
        }

        if (await MayDeleteAsync(job, cancellationToken))
        {
            await deletion.RunAsync(job, cancellationToken);
            return false;
        }

        if (await IsAbandonedAsync(job, cancellationToken))
        {
            await jobs.RemoveAsync(job, cancellationToken);
            return true;
        }

        return false;
    }

    /// <summary>The requesting user may have lost the right before the job began.</summary>
    private async Task<bool> MayDeleteAsync(ProjectJob job, CancellationToken cancellationToken)
    {
        var log = new ProjectLog(services.Store, job.Project);
        return await log.ReadHeadAsync(cancellationToken) is { } head
            && (head.Value.IsDeleted || (await log.ReadAccessAsync(cancellationToken)).List.RoleOf(job.Subject) == Role.Owner);
    }

    /// <summary>
    /// Whether a job is so old that its process must have abandoned it. The first check records the time.
    /// </summary>
    private async Task<bool> IsAbandonedAsync(ProjectJob job, CancellationToken cancellationToken)
    {
        if (job.Seen is { } seen)
        {
            return services.Time.GetUtcNow() - seen >= options.JobsAbandonedAfter;
        }

        await jobs.WriteAsync(job with { Seen = services.Time.GetUtcNow() }, cancellationToken);
        return false;
    }
}
