using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Maintenance;

/// <summary>
/// Publishes the revisions of projects whose last engine died between committing and publishing. Without it, they would
/// wait for the next change or join. Call it from a timer, on one instance or on several: concurrent sweeps are safe.
/// </summary>
public sealed class Sweeper
{
    private readonly EngineDependencies services;
    private readonly SequencerRegistry sequencers;
    private readonly SweepOptions options;
    private readonly PendingPublicationTable due;
    private readonly JobSweep jobs;

    /// <summary>Creates a sweeper without I/O.</summary>
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
    /// Runs one sweep. It reads table <c>due</c> and, twice, a lease time apart, the head of each project in it. It
    /// takes over projects whose head is unchanged, and removes rows of dead engines. It finishes interrupted creations
    /// and deletions, and verifies some of the listings.
    /// </summary>
    /// <exception cref="StorageException">
    /// The table cannot be read. Failures of single projects are counted.
    /// </exception>
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
            // A live engine publishes within this time, or at least renews its lease.
            await Task.Delay(sequencers.Options.LeaseTime, services.Time, cancellationToken);
        }

        foreach (var batch in lagging.Chunk(options.TakeOversMax))
        {
            var done = await Task.WhenAll(
                batch.Select(pair => TakeOverAsync(pair.Key, pair.Value!, cancellationToken))
            );
            taken += done.Count(static isTaken => isTaken);
        }

        var owing = rows.Where(IsOwing).Select(static row => row.Project).Distinct().Except(lagging.Select(static pair => pair.Key));
        foreach (var batch in owing.Chunk(options.TakeOversMax))
        {
            await Task.WhenAll(batch.Select(project => SweepProjectAsync(project, cancellationToken)));
        }

        var removed = 0;
        foreach (var row in rows.Where(IsAbandoned))
        {
            removed += await RemoveAsync(row, cancellationToken) ? 1 : 0;
        }

        var left = await jobs.SweepAsync(cancellationToken);
        return new SweepReport(rows.Count, lagging.Count, taken, removed, rows.Count == options.RowsMax) { Jobs = left };
    }

    /// <summary>Whether a revision is to be sent, or a member to be removed from the group.</summary>
    private static bool IsLagging(StoredHead? head) =>
        head is { Value: var value } && (value.Published < value.Revision || (!value.IsDeleted && value.AccessEnforcedVersion < value.AccessVersion));

    /// <summary>Whether datasets are owed for longer than a live engine would take.</summary>
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

    private bool IsAbandoned(PendingPublication row) => services.Time.GetUtcNow() - row.Since > options.AbandonedAfter;

    /// <summary>Publishes a project here unless another engine does. True when it is published.</summary>
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
                // The head changes, so an engine is alive. The next sweep checks again.
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
    /// Removes a row that its engine has not renewed for long. It rewrites the head first, so that a commit in flight
    /// from a stalled process fails. That process retries it only after it has written its row again.
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

/// <summary>The bounds of a sweep.</summary>
public sealed record SweepOptions
{
    /// <summary>
    /// The age at which a row counts as abandoned. Twice <see cref="SequencerOptions.DueRenewal"/>: a live engine that
    /// commits renews it much earlier, whatever the clock skew.
    /// </summary>
    public TimeSpan AbandonedAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Rows that one sweep reads; the next sweep reads the others. Reading their heads takes about a minute.
    /// </summary>
    public int RowsMax { get; init; } = 5_000;

    /// <summary>
    /// The age at which a job counts as abandoned, and a deletion looks for late rows. No request or storage
    /// transaction takes this long: the host ends a function after a minute, and Azure Storage a request after 30 s.
    /// </summary>
    public TimeSpan JobsAbandonedAfter { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Concurrent take-overs; each loads a dataset into memory.</summary>
    public int TakeOversMax { get; init; } = 4;
}

/// <summary>The result of a sweep.</summary>
/// <param name="Rows">Rows in the table.</param>
/// <param name="Lagging">
/// Projects with unpublished revisions at the first check; most of them were being published.
/// </param>
/// <param name="TakenOver">Projects among them without progress, which were published here.</param>
/// <param name="Removed">Removed rows of dead engines.</param>
/// <param name="IsPartial">Whether there may be more rows than one sweep reads.</param>
public sealed record SweepReport(int Rows, int Lagging, int TakenOver, int Removed, bool IsPartial)
{
    /// <summary>Jobs that are not known to be finished: creations, deletions and changes of listings.</summary>
    public int Jobs { get; init; }
}
