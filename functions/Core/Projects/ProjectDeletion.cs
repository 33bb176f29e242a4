using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Projects;

/// <summary>
/// Deletes a project to the last row. All steps are idempotent, so a repeated request or the sweep finishes an
/// interrupted deletion. Its row in <see cref="JobTable"/> exists from before the first step until after the last.
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

    /// <summary>Begins the deletion of a project, or finds the one that is in progress.</summary>
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

    /// <summary>
    /// The deletion of a project that is in progress or has recently finished; null when there is none.
    /// </summary>
    public Task<ProjectJob?> FindAsync(ProjectId project, CancellationToken cancellationToken) =>
        jobs.FindAsync(ProjectJob.DeletionKey(project), cancellationToken);

    /// <summary>Executes the remaining steps. Afterwards, only the project's tombstone is left.</summary>
    public async Task RunAsync(ProjectJob job, CancellationToken cancellationToken)
    {
        var log = new ProjectLog(services.Store, job.Project);
        if (await log.DeleteAsync(cancellationToken) is not var (head, access))
        {
            return;
        }

        await CloseAsync(job.Project, head.Value, cancellationToken);

        // Keep the names until the listings are right: the access list is removed before.
        var named = job with { Users = [.. job.Users.Union(access.FormerUsers, StringComparer.Ordinal)] };
        if (named.Users.Count > job.Users.Count)
        {
            await jobs.WriteAsync(named, cancellationToken);
        }

        await listing.UpdateAllAsync(job.Project, named.Users, cancellationToken);
        await log.PurgeAsync(cancellationToken);
        await jobs.WriteAsync(named with { IsPurged = true, Seen = null }, cancellationToken);
    }

    /// <summary>
    /// Removes rows that arrived after the purge: unconditional writes of engines and creations may have been in
    /// flight. Then the deletion is finished.
    /// </summary>
    public async Task FinishAsync(ProjectJob job, CancellationToken cancellationToken)
    {
        await listing.UpdateAllAsync(job.Project, job.Users, cancellationToken);
        await new ProjectLog(services.Store, job.Project).PurgeAsync(cancellationToken);
        await jobs.RemoveAsync(job, cancellationToken);
    }

    /// <summary>
    /// Closes the connections of the project's subscribers, so that their pages learn of the deletion.
    /// </summary>
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
