using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Engine.Committing;
using ServerlessSync.Core.Engine.Forwarding;
using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Engine.Publishing;
using ServerlessSync.Core.Engine.Subscribing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Engine;

/// <summary>
/// One turn of a loaded project, step by step. A step that fails answers the items that needed it. The others continue, and the state stays:
/// each change is applied whole or not at all. Answering all of them with 503 would bring all of it again, late, and with a question
/// about each author; loading again would cost most where the store is overloaded.
/// </summary>
internal sealed class ProjectTurn(
    EngineDependencies services,
    SequencerOptions options,
    ProjectReplica replica,
    Mailbox mailbox,
    SubscriptionCoordinator coordinator,
    SubmissionHandler submissions,
    AccessChanges access,
    VersionLookUp lookUp,
    LeaseWork leaseWork,
    InboxWriter forwarded,
    InboxReader inbox,
    DatasetDebts debts,
    PendingPublicationMarker marker,
    SnapshotWriter snapshots,
    PendingAnswers answers,
    Backoff sendRetry,
    Backoff storeRetry
)
{
    /// <summary>Works off what came in, and what is due.</summary>
    public async Task RunAsync(IReadOnlyList<ProjectRequest> items, CancellationToken cancellationToken)
    {
        foreach (var item in items.Where(static item => item is LeaveItem or JoinItem or RepeatItem))
        {
            coordinator.Add(item);
        }

        if (items.OfType<LookUpItem>().ToList() is { Count: > 0 } lookUps)
        {
            // What is known already needs nothing of the store.
            await TryAsync(() => lookUp.AnswerAsync(lookUps, cancellationToken), Fail(lookUps), needsHead: false);
        }

        if (items.OfType<PublishItem>().ToList() is { Count: > 0 } publications)
        {
            await TryAsync(() => TakePublicationsAsync(publications, cancellationToken), Fail(publications));
        }

        foreach (var item in items.OfType<AccessItem>())
        {
            await TryAsync(() => access.WriteAsync(item, cancellationToken), item.Answer);
        }

        var changes = items.OfType<SubmitItem>().ToList();
        if (changes.Count > 0 || inbox.HasFound)
        {
            await TryAsync(() => submissions.CommitAsync(changes, cancellationToken), Fail(changes));
        }

        await TryAsync(() => RunLeaseWorkAsync(cancellationToken), FailWaiting, needsHead: false);
        await TryAsync(forwarded.FinishAsync, outcome => PendingAnswers.Fail(forwarded.AbandonUnwritten(), outcome), needsHead: false);
        await TryAsync(() => FinishDebtsAsync(cancellationToken), static _ => { }, needsHead: false);
        if (!replica.MustRefresh)
        {
            await TryAsync(() => snapshots.RunAsync(mailbox.IsEmpty, cancellationToken), static _ => { });
        }
    }

    /// <summary>Answers everything that came in before and waits.</summary>
    public void FailWaiting(ProjectOutcome outcome)
    {
        answers.FailAll(outcome);
        PendingAnswers.Fail(forwarded.Abandon(), outcome);
        inbox.Forget();
        coordinator.FailAll(outcome);
    }

    /// <summary>The answer to a request that failed with this.</summary>
    public static ProjectOutcome.Unavailable OutcomeOf(Exception exception) =>
        new(
            exception switch
            {
                StorageException => "The change could not be stored now.",
                GatewayException => "The change could not be published now.",
                LoadingRefusedException => "The server is at its limit of open projects.",
                InvalidDataException or State.PoisonedLogException or NewerFormatException => "The project cannot be read.",
                _ => "The server failed.",
            }
        );

    private static Action<ProjectOutcome> Fail(IReadOnlyList<ProjectRequest> items) => outcome => PendingAnswers.Fail(items, outcome);

    /// <summary>Does a step. When store or service fail it, the requests that needed it are answered, and the state is kept.</summary>
    /// <param name="step">The step.</param>
    /// <param name="fail">Answers the requests that needed it.</param>
    /// <param name="needsHead">Whether it decides by the head, which must be known then.</param>
    private async Task TryAsync(Func<Task> step, Action<ProjectOutcome> fail, bool needsHead = true)
    {
        try
        {
            if (needsHead)
            {
                await KnowHeadAsync();
            }

            await step();
        }
        catch (Exception exception) when (FailsAlone(exception))
        {
            services.Observer.Failed(replica.Project, exception);
            fail(OutcomeOf(exception));
            sendRetry.Postpone();
        }
    }

    /// <summary>An engine that is to end gives its state up when memory is short: two of them would wait for each other's.</summary>
    public static bool GivesUpStateFor(Exception exception, Mailbox mailbox) => exception is LoadingRefusedException && mailbox.IsClosed;

    /// <summary>Whether the step that failed with this leaves the state as it was.</summary>
    private bool FailsAlone(Exception exception) =>
        exception is StorageException and not LogMovedException or GatewayException or LoadingRefusedException
        && !GivesUpStateFor(exception, mailbox);

    private Task KnowHeadAsync() =>
        replica.MustRefresh ? replica.RefreshAsync(commitId: null, CancellationToken.None) : Task.CompletedTask;

    /// <summary>All that wait need this, so a store that refuses once is asked again before they are answered with 503.</summary>
    private async Task RunLeaseWorkAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await KnowHeadAsync();
                await leaseWork.RunAsync(cancellationToken);
                storeRetry.Reset();
                return;
            }
            catch (StorageException exception) when (exception is not LogMovedException && attempt < options.SendAttemptsMax && leaseWork.HasWaiting)
            {
                services.Observer.Failed(replica.Project, exception);
                coordinator.ReturnUnconfirmed();
                storeRetry.Postpone();
                await storeRetry.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>The caller of a publication knows more of the head than this engine, which may have been idle.</summary>
    private async Task TakePublicationsAsync(List<PublishItem> publications, CancellationToken cancellationToken)
    {
        await replica.RefreshAsync(commitId: null, cancellationToken);
        coordinator.Queue.LooksForDebts = true;
        publications.ForEach(item => answers.AddPublished(item, replica.Head.Revision));
    }

    /// <summary>Tells the service which connections are back in the stream, and the sweep when no dataset is owed any more.</summary>
    private async Task FinishDebtsAsync(CancellationToken cancellationToken)
    {
        try
        {
            await debts.FinishAsync(cancellationToken);
        }
        catch (GatewayException exception)
        {
            // Tried again in the next turn; should none come, a sweep finds it.
            services.Observer.SendFailed(replica.Project, replica.Head.Generation, exception);
        }

        if (!coordinator.HasDebts)
        {
            await marker.ClearDebtsAsync(cancellationToken);
        }
    }
}
