using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Projects;

/// <summary>
/// Deletes a project to the last row. Each step can be done again, so that a deletion that broke off is finished by a repetition of the
/// request, or by the sweep; its row in <see cref="JobTable"/> stands from before the first step until after the last.
/// </summary>
internal sealed class ProjectDeletion
{
    private const string Deleted = "project deleted";

    private readonly EngineDependencies services;
    private readonly JobTable jobs;
    private readonly ProjectListing listing;

    public ProjectDeletion(EngineDependencies services)
    {
        this.services = services;
        jobs = new JobTable(services.Store.Background);
        listing = new ProjectListing(services.Store.Background);
    }

    /// <summary>Begins the deletion of a project that is there, or finds the one that was begun.</summary>
    public async Task<ProjectJob> BeginAsync(ProjectId project, string user, CancellationToken cancellationToken)
    {
        var job = ProjectJob.Deletion(project, user);
        var begun = await jobs.EnsureAsync(job, cancellationToken);
        if (!begun.IsPurged)
        {
            return begun;
        }

        await jobs.WriteAsync(job, cancellationToken);
        return job;
    }

    /// <summary>The deletion of a project that is under way, or was finished lately; null when there is none.</summary>
    public Task<ProjectJob?> FindAsync(ProjectId project, CancellationToken cancellationToken) =>
        jobs.FindAsync(ProjectJob.DeletionKey(project), cancellationToken);

    /// <summary>Does what is left to do. Afterwards nothing of the project is there but its tombstone.</summary>
    public async Task RunAsync(ProjectJob job, CancellationToken cancellationToken)
    {
        var log = new ProjectLog(services.Store, job.Project);
        if (await log.DeleteAsync(cancellationToken) is not var (head, access))
        {
            return;
        }

        await CloseAsync(job.Project, head.Value, cancellationToken);

        // The names are kept until the lists are known to be right: with the access list they would be gone.
        var named = job with { Users = [.. job.Users.Union(access.Former, StringComparer.Ordinal)] };
        if (named.Users.Count > job.Users.Count)
        {
            await jobs.WriteAsync(named, cancellationToken);
        }

        await listing.UpdateAllAsync(job.Project, named.Users, cancellationToken);
        await log.PurgeAsync(cancellationToken);
        await jobs.WriteAsync(named with { IsPurged = true, Seen = null }, cancellationToken);
    }

    /// <summary>
    /// Removes what came after the purge: rows that are stored without a condition, of engines and of creations, can have been on their
    /// way. Then the deletion is over.
    /// </summary>
    public async Task FinishAsync(ProjectJob job, CancellationToken cancellationToken)
    {
        await listing.UpdateAllAsync(job.Project, job.Users, cancellationToken);
        await new ProjectLog(services.Store, job.Project).PurgeAsync(cancellationToken);
        await jobs.RemoveAsync(job, cancellationToken);
    }

    /// <summary>Whoever has the project open must know that its page is out of date.</summary>
    private async Task CloseAsync(ProjectId project, Head head, CancellationToken cancellationToken)
    {
        for (var generation = head.OldestGeneration; generation <= head.Generation; generation++)
        {
            var group = GroupName.OfProject(project, generation);
            await foreach (var connection in services.Gateway.ListGroupAsync(group, cancellationToken))
            {
                await services.Gateway.RemoveFromGroupAsync(group, connection, cancellationToken);
                await services.Gateway.CloseConnectionAsync(connection, Deleted, cancellationToken);
            }
        }
    }
}
