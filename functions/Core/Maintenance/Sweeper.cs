using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Maintenance;

/// <summary>
/// Finds projects whose last engine died between committing and publishing, and has them published. Nobody else would come until the
/// next change or join. Meant for a timer, on one instance or on several: sweeps do not disturb one another.
/// </summary>
public sealed class Sweeper
{
    private readonly EngineDependencies services;
    private readonly SequencerRegistry sequencers;
    private readonly SweepOptions options;
    private readonly PendingPublicationTable due;
    private readonly JobSweep jobs;

    /// <summary>Makes a sweeper; does no I/O.</summary>
    public Sweeper(EngineDependencies services, SequencerRegistry sequencers, SweepOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        this.services = services;
        this.sequencers = sequencers;
        this.options = options;
        due = new PendingPublicationTable(services.Store.Background);
        jobs = new JobSweep(services with { Store = services.Store.Background }, options);
    }

    /// <summary>
    /// One sweep. It reads table <c>due</c>, and the head of each project in it twice, a lease time apart; it takes over where nothing has
    /// moved in between, and removes rows that no engine stands behind any more. It finishes creations and deletions that broke off, and
    /// looks whether some of the lists are right.
    /// </summary>
    /// <exception cref="StorageException">The table cannot be read. Projects that fail one by one are counted.</exception>
    public async Task<SweepReport> SweepAsync(CancellationToken cancellationToken)
    {
        var rows = await due.ReadAsync(options.RowsMax, cancellationToken);
        var heads = new Dictionary<ProjectId, StoredHead?>();
        foreach (var project in rows.Select(static row => row.Project).Distinct())
        {
            heads[project] = await new ProjectLog(services.Store, project).ReadHeadAsync(cancellationToken);
        }

        var lagging = heads.Where(static pair => IsLagging(pair.Value)).ToList();
        var taken = 0;
        if (lagging.Count > 0)
        {
            // Whoever is alive publishes within this time, or at least renews its lease.
            await Task.Delay(sequencers.Options.LeaseTime, services.Time, cancellationToken);
        }

        foreach (var together in lagging.Chunk(options.TakeOversMax))
        {
            var done = await Task.WhenAll(
                together.Select(pair => TakeOverAsync(pair.Key, pair.Value!, cancellationToken))
            );
            taken += done.Count(static isTaken => isTaken);
        }

        var owing = rows.Where(IsOwing).Select(static row => row.Project).Distinct().Except(lagging.Select(static pair => pair.Key));
        foreach (var together in owing.Chunk(options.TakeOversMax))
        {
            await Task.WhenAll(together.Select(project => SweepProjectAsync(project, cancellationToken)));
        }

        var removed = 0;
        foreach (var row in rows.Where(IsForgotten))
        {
            removed += await RemoveAsync(row, cancellationToken) ? 1 : 0;
        }

        var left = await jobs.SweepAsync(cancellationToken);
        return new SweepReport(rows.Count, lagging.Count, taken, removed, rows.Count == options.RowsMax) { Jobs = left };
    }

    /// <summary>Whether there is something to be sent, or somebody to be taken out of the group.</summary>
    private static bool IsLagging(StoredHead? head) =>
        head is { Value: var value } && (value.Published < value.Revision || (!value.IsDeleted && value.AccessEnforcedVersion < value.AccessVersion));

    /// <summary>Whether datasets are owed for longer than a live engine takes: somebody must look who still waits.</summary>
    private bool IsOwing(PendingPublication row) => row.Owes && services.Time.GetUtcNow() - row.Since > sequencers.Options.Window.Max;

    private async Task SweepProjectAsync(ProjectId project, CancellationToken cancellationToken)
    {
        try
        {
            await sequencers.PublishAsync(project, cancellationToken);
        }
        catch (StorageException exception)
        {
            services.Observer.Failed(project, exception);
        }
    }

    private bool IsForgotten(PendingPublication row) => services.Time.GetUtcNow() - row.Since > options.ForgottenAfter;

    /// <summary>Has a project published here if nobody else does. True when it is published.</summary>
    private async Task<bool> TakeOverAsync(
        ProjectId project,
        StoredHead before,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var now = await new ProjectLog(services.Store, project).ReadHeadAsync(cancellationToken);
            if (now is null || now.ETag != before.ETag)
            {
                // It moves: somebody is alive, and may need a moment more. The next sweep looks again.
                return false;
            }

            return await sequencers.PublishAsync(project, cancellationToken) is ProjectOutcome.Done;
        }
        catch (StorageException exception)
        {
            services.Observer.Failed(project, exception);
            return false;
        }
    }

    /// <summary>
    /// Removes a row that its engine has not renewed for long. First the head is written anew, so that a commit on its way from a process
    /// that stands still fails, and is only tried again after that process has written its row again.
    /// </summary>
    private async Task<bool> RemoveAsync(PendingPublication row, CancellationToken cancellationToken)
    {
        try
        {
            var log = new ProjectLog(services.Store, row.Project);
            var head = await log.ReadHeadAsync(cancellationToken);
            if (IsLagging(head))
            {
                return false;
            }

            var isFenced =
                head is null || await log.WriteAsync(head, head.Value, commit: null, cancellationToken) is not null;
            return isFenced && await due.RemoveAsync(row, cancellationToken);
        }
        catch (StorageException exception)
        {
            services.Observer.Failed(row.Project, exception);
            return false;
        }
    }
}

/// <summary>The numbers of a sweep.</summary>
public sealed record SweepOptions
{
    /// <summary>
    /// When a row counts as left behind. Twice <see cref="SequencerOptions.DueRenewal"/>: a live engine that commits renews it long before,
    /// whatever the difference of the clocks.
    /// </summary>
    public TimeSpan ForgottenAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Rows that one sweep looks at; the rest waits for the next one. About a minute of reading heads one after the other.</summary>
    public int RowsMax { get; init; } = 5_000;

    /// <summary>
    /// When work on a whole project counts as given up, and a deletion looks for what came late: longer than any request of ours or
    /// transaction of the store can be under way (the host ends a function after a minute, and Azure Storage a request after 30 s).
    /// </summary>
    public TimeSpan JobsGivenUpAfter { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Projects that are taken over at the same time: each of them loads its dataset into memory.</summary>
    public int TakeOversMax { get; init; } = 4;
}

/// <summary>What a sweep found and did.</summary>
/// <param name="Rows">Rows in the table.</param>
/// <param name="Lagging">Projects with unpublished revisions at the first look; most of them were just being published.</param>
/// <param name="TakenOver">Those among them that stood still and were published here.</param>
/// <param name="Removed">Rows of engines that are no more.</param>
/// <param name="IsPartial">Whether there may be more rows than one sweep looks at.</param>
public sealed record SweepReport(int Rows, int Lagging, int TakenOver, int Removed, bool IsPartial)
{
    /// <summary>Creations, deletions and changes of lists that are not known to be finished.</summary>
    public int Jobs { get; init; }
}
