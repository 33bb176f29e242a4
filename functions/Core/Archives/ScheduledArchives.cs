using System.Diagnostics.CodeAnalysis;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Archives;

/// <summary>
/// Archives all projects into a container, round after round, and removes archives that are too old. Meant for a timer: each call goes on where the last
/// one ended, on whichever instance that was, and one instance works at a time.
/// </summary>
/// <remarks>
/// An archive is made among the tables, as for an owner, and then copied part by part, so that a process that dies loses one step. A project that has not
/// changed since its last archive is passed over.
/// </remarks>
public sealed class ScheduledArchives
{
    /// <summary>Projects that are read from the catalogue together.</summary>
    private const int PageSize = 100;

    private readonly EngineDependencies services;
    private readonly ITableStore store;
    private readonly ArchiveScheduleOptions options;
    private readonly IArchiveObserver? observer;
    private readonly ArchiveRoundTable rounds;
    private readonly ArchiveRetention retention;
    private readonly ArchiveCopy copy;

    /// <summary>Makes the schedule; does no I/O.</summary>
    /// <param name="services">What it needs from outside.</param>
    /// <param name="gate">Through which it loads projects, as everything in the process does.</param>
    /// <param name="container">Where archives go.</param>
    /// <param name="options">How often, and for how long.</param>
    /// <param name="observer">Is told what becomes of them.</param>
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

    /// <summary>One call: goes on for <see cref="ArchiveScheduleOptions.WorkTime"/> with the round that is due, if any.</summary>
    /// <exception cref="StorageException">Tables or container cannot be reached; nothing is lost, the next call goes on.</exception>
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

    /// <summary>Goes one step further. False when there is nothing more to be done now.</summary>
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

    /// <summary>Finds the next project that has changed since its last archive.</summary>
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
        Justification = "A project that cannot be read keeps the archives that it has, and must not keep others from being archived."
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
            await GiveUpAsync(claim, $"{current.Attempts} calls brought it no further.", cancellationToken);
            return true;
        }

        // Counted before, so that a call in which the process dies counts, too.
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

    /// <summary>What was made is not there any more: the project was deleted, or the container could not be reached for as long as that is kept.</summary>
    private async Task PassOverAsync(ArchiveRoundClaim claim, CancellationToken cancellationToken)
    {
        if (await FindAsync(claim.Round.Current!.Project, cancellationToken) is null)
        {
            await claim.SaveAsync(claim.Round with { Current = null }, cancellationToken);
            return;
        }

        await GiveUpAsync(claim, "What was made of it was removed before it was copied.", cancellationToken);
    }

    private async Task GiveUpAsync(ArchiveRoundClaim claim, string reason, CancellationToken cancellationToken)
    {
        var current = claim.Round.Current!;
        await copy.ForgetAsync(current, cancellationToken);
        await claim.SaveAsync(claim.Round with { Current = null, Failed = claim.Round.Failed + 1 }, cancellationToken);
        observer?.NotArchived(current.Project, reason);
    }

    /// <summary>Removes the archives of projects that were deleted long enough ago, and ends the round.</summary>
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

    /// <summary>Counted from when it was first seen, as the last archive of a project that was left alone for long is old when it is deleted.</summary>
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

    /// <summary>The head of a project that is there.</summary>
    private async Task<Head?> FindAsync(ProjectId project, CancellationToken cancellationToken) =>
        await new ProjectLog(store, project).ReadHeadAsync(cancellationToken) is { Value: { IsDeleted: false } head } ? head : null;

    /// <summary>The next call need not wait until this one counts as dead. What it had tried does not count: the store is at fault, not the project.</summary>
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
            // The claim runs out by itself.
        }
    }
}
