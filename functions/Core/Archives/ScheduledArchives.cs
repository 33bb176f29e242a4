using System.Diagnostics.CodeAnalysis;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Archives;

/// <summary>
/// Archives all projects into a container, round after round, and removes expired archives. A timer calls it. Each call continues where the last one
/// ended, on any instance; only one instance works at a time.
/// </summary>
/// <remarks>
/// An archive is first made in table storage, as for an owner, and then copied part by part, so a crash loses one step at most. A project that has not
/// changed since its last archive is skipped.
/// </remarks>
public sealed class ScheduledArchives
{
    /// <summary>Projects read from the catalogue in one query.</summary>
    private const int PageSize = 100;

    private readonly EngineDependencies services;
    private readonly ITableStore store;
    private readonly ArchiveScheduleOptions options;
    private readonly IArchiveObserver? observer;
    private readonly ArchiveRoundTable rounds;
    private readonly ArchiveRetention retention;
    private readonly ArchiveCopy copy;

    /// <summary>Creates the schedule without I/O.</summary>
    /// <param name="services">Storage, clock and ids.</param>
    /// <param name="gate">The gate of the process, through which projects are loaded.</param>
    /// <param name="container">Where archives are stored.</param>
    /// <param name="options">The interval, and how long archives are kept.</param>
    /// <param name="observer">Receives the results; null for none.</param>
    public ScheduledArchives(
        EngineDependencies services,
        LoadingGate gate,
        IArchiveContainer container,
        ArchiveScheduleOptions options,
        IArchiveObserver? observer
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(container);
        ArgumentNullException.ThrowIfNull(options);
        this.services = services;
        this.options = options;
        this.observer = observer;
        store = services.Store.Background;
        rounds = new ArchiveRoundTable(store, services.Time);
        retention = new ArchiveRetention(container, options, services.Time);
        copy = new ArchiveCopy(services, gate, container);
    }

    /// <summary>Works on the round that is due, if any, for <see cref="ArchiveScheduleOptions.WorkTime"/>.</summary>
    /// <exception cref="StorageException">Table storage or the container cannot be reached. The next call continues.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (await rounds.ClaimAsync(services.Ids.NewId(), cancellationToken) is not { } claim)
        {
            return;
        }

        var deadline = new Deadline(services.Time, options.WorkTime);
        try
        {
            while (!deadline.IsOver && await StepAsync(claim, deadline, cancellationToken)) { }
            await claim.ReleaseAsync(claim.Round, cancellationToken);
        }
        catch (Exception exception) when (exception is StorageException or OperationCanceledException)
        {
            await GiveBackAsync(claim);
            throw;
        }
    }

    /// <summary>Takes one step. False when this call can do no more.</summary>
    private async Task<bool> StepAsync(ArchiveRoundClaim claim, Deadline deadline, CancellationToken cancellationToken)
    {
        switch (claim.Round)
        {
            case { Current: { } current }:
                return await ArchiveAsync(claim, current, deadline, cancellationToken);
            case { Stage: ArchiveRoundStage.Archiving }:
                await PickAsync(claim, deadline, cancellationToken);
                return true;
            case { Stage: ArchiveRoundStage.Clearing }:
                await ClearAsync(claim, deadline, cancellationToken);
                return true;
            case { Begun: var begun } when services.Time.GetUtcNow() < begun + options.Interval:
                return false;
            default:
                await claim.SaveAsync(claim.Round.Next(services.Time.GetUtcNow()), cancellationToken);
                return true;
        }
    }

    /// <summary>Finds the next project that has changed since its last archive, and begins its archive.</summary>
    private async Task PickAsync(ArchiveRoundClaim claim, Deadline deadline, CancellationToken cancellationToken)
    {
        var round = claim.Round;
        var projects = await ProjectCatalog.ReadAsync(store, round.After, PageSize, cancellationToken);
        if (projects.Count == 0)
        {
            await claim.SaveAsync(round with { Stage = ArchiveRoundStage.Clearing, After = string.Empty }, cancellationToken);
            return;
        }

        foreach (var project in projects.TakeWhile(_ => !deadline.IsOver))
        {
            round = round with { After = project.Key };
            if (await FindAsync(project, cancellationToken) is not { } head)
            {
                continue;
            }

            if (await rounds.FindAsync(project, cancellationToken) is not { Gone: null } archived || !archived.IsOf(head))
            {
                var current = await copy.BeginAsync(project, head, cancellationToken);
                await claim.SaveAsync(round with { Current = current }, cancellationToken);
                return;
            }

            await retention.PruneAsync(project, cancellationToken);
            round = round with { Unchanged = round.Unchanged + 1 };
        }

        await claim.SaveAsync(round, cancellationToken);
    }

    [SuppressMessage(
        "Design",
        "CA1031:Do not catch general exception types",
        Justification = "One project that cannot be read must not keep the others from being archived. It keeps the archives that it has."
    )]
    private async Task<bool> ArchiveAsync(
        ArchiveRoundClaim claim,
        ArchiveInProgress current,
        Deadline deadline,
        CancellationToken cancellationToken
    )
    {
        if (current.Attempts >= options.AttemptsMax)
        {
            await GiveUpAsync(claim, $"{current.Attempts} attempts made no progress.", cancellationToken);
            return true;
        }

        // Count the attempt before the work, so that one that crashes the process counts.
        await claim.SaveAsync(claim.Round with { Current = current with { Attempts = current.Attempts + 1 } }, cancellationToken);
        try
        {
            switch (await copy.AdvanceAsync(claim, deadline, cancellationToken))
            {
                case ArchiveCopyOutcome.Complete:
                    await FinishAsync(claim, cancellationToken);
                    return true;
                case ArchiveCopyOutcome.Unfinished:
                    return false;
                default:
                    await PassOverAsync(claim, cancellationToken);
                    return true;
            }
        }
        catch (LoadingRefusedException)
        {
            return false;
        }
        catch (Exception exception) when (exception is not (StorageException or OperationCanceledException))
        {
            services.Observer.Failed(current.Project, exception);
            await GiveUpAsync(claim, exception.Message, cancellationToken);
            return true;
        }
    }

    private async Task FinishAsync(ArchiveRoundClaim claim, CancellationToken cancellationToken)
    {
        var done = claim.Round.Current!;
        await rounds.WriteAsync(new ArchivedProject(done.Project, done.Revision, done.AccessVersion), cancellationToken);
        await retention.PruneAsync(done.Project, cancellationToken);
        await copy.ForgetAsync(done, cancellationToken);
        await claim.SaveAsync(claim.Round with { Current = null, Archived = claim.Round.Archived + 1 }, cancellationToken);
        observer?.Archived(done.Project, done.Revision, done.Name, done.Bytes);
    }

    /// <summary>The archive in table storage is gone: the project was deleted, or the container was unreachable until the archive expired.</summary>
    private async Task PassOverAsync(ArchiveRoundClaim claim, CancellationToken cancellationToken)
    {
        if (await FindAsync(claim.Round.Current!.Project, cancellationToken) is null)
        {
            await claim.SaveAsync(claim.Round with { Current = null }, cancellationToken);
            return;
        }

        await GiveUpAsync(claim, "The archive was removed from table storage before it was copied.", cancellationToken);
    }

    private async Task GiveUpAsync(ArchiveRoundClaim claim, string reason, CancellationToken cancellationToken)
    {
        var current = claim.Round.Current!;
        await copy.ForgetAsync(current, cancellationToken);
        await claim.SaveAsync(claim.Round with { Current = null, Failed = claim.Round.Failed + 1 }, cancellationToken);
        observer?.NotArchived(current.Project, reason);
    }

    /// <summary>Removes the archives of deleted projects once they have expired, then ends the round.</summary>
    private async Task ClearAsync(ArchiveRoundClaim claim, Deadline deadline, CancellationToken cancellationToken)
    {
        var round = claim.Round;
        var projects = await rounds.ReadAsync(round.After, PageSize, cancellationToken);
        if (projects.Count == 0)
        {
            await claim.SaveAsync(round with { Stage = ArchiveRoundStage.Waiting, After = string.Empty }, cancellationToken);
            var duration = services.Time.GetUtcNow() - round.Begun;
            observer?.RoundFinished(new ArchiveRoundReport(round.Archived, round.Unchanged, round.Failed, duration));
            return;
        }

        foreach (var archived in projects.TakeWhile(_ => !deadline.IsOver))
        {
            await ClearAsync(archived, cancellationToken);
            round = round with { After = archived.Project.Key };
        }

        await claim.SaveAsync(round, cancellationToken);
    }

    /// <summary>The time counts from when a round first found the project deleted: the last archive of a project that was not edited may be old by then.</summary>
    private async Task ClearAsync(ArchivedProject archived, CancellationToken cancellationToken)
    {
        var isThere = await FindAsync(archived.Project, cancellationToken) is not null;
        var now = services.Time.GetUtcNow();
        if (!isThere && archived.Gone is { } gone && now - gone >= options.KeepFor)
        {
            await retention.ClearAsync(archived.Project, cancellationToken);
            await rounds.RemoveAsync(archived.Project, cancellationToken);
        }
        else if (!isThere && archived.Gone is null)
        {
            await rounds.WriteAsync(archived with { Gone = now }, cancellationToken);
        }
    }

    /// <summary>The head of a project that exists; null for any other.</summary>
    private async Task<Head?> FindAsync(ProjectId project, CancellationToken cancellationToken) =>
        await new ProjectLog(store, project).ReadHeadAsync(cancellationToken) is { Value: { IsDeleted: false } head } ? head : null;

    /// <summary>Releases the claim, so that the next call need not wait for it to expire. Resets the attempts: storage failed, not the project.</summary>
    private static async Task GiveBackAsync(ArchiveRoundClaim claim)
    {
        try
        {
            var current = claim.Round.Current;
            await claim.ReleaseAsync(
                claim.Round with { Current = current is null ? null : current with { Attempts = 0 } },
                CancellationToken.None
            );
        }
        catch (StorageException)
        {
            // The claim expires by itself.
        }
    }
}
