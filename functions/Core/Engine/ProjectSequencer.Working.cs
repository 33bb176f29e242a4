using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Engine;

/// <content>
/// One turn of a loaded project, step by step. A step that fails fails the items that needed it: the others go on, and the state stays, as
/// what is applied to it is applied whole. To answer everybody with 503 would bring all of it again, late, and with a question about each
/// author; to load again would cost a store that is short of breath the most.
/// </content>
internal sealed partial class ProjectSequencer
{
    private async Task WorkAsync(List<ProjectRequest> items)
    {
        foreach (var item in items.Where(static item => item is LeaveItem or JoinItem or RepeatItem))
        {
            desk.Add(item);
        }

        if (items.OfType<LookUpItem>().ToList() is { Count: > 0 } lookUps)
        {
            // What is known already needs nothing of the store.
            await TryAsync(() => AnswerAsync(lookUps), outcome => Fail(lookUps, outcome), needsHead: false);
        }

        if (items.OfType<PublishItem>().ToList() is { Count: > 0 } asked)
        {
            await TryAsync(() => TakePublishItemsAsync(asked), outcome => Fail(asked, outcome));
        }

        foreach (var item in items.OfType<AccessItem>())
        {
            await TryAsync(() => ChangeAccessAsync(item), item.Complete);
        }

        var submissions = items.OfType<SubmitItem>().ToList();
        if (submissions.Count > 0 || inbox.HasFound)
        {
            await TryAsync(() => CommitAsync(submissions), outcome => Fail(submissions, outcome));
        }

        await TryAsync(ServeStubbornlyAsync, FailWaiting, needsHead: false);
        await TryAsync(forwarder.FinishAsync, outcome => Fail(forwarder.AbandonUnwritten(), outcome), needsHead: false);
        await TryAsync(SettleDebtsAsync, static _ => { }, needsHead: false);
        if (!replica.MustRefresh)
        {
            await TryAsync(() => snapshots.WriteWhenDueAsync(mailbox.IsEmpty, CancellationToken.None), static _ => { });
        }
    }

    /// <summary>Does a step; when store or service fail it, those who needed it are told so, and the state is kept.</summary>
    /// <param name="step">The step.</param>
    /// <param name="fail">Answers those who needed it.</param>
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
        catch (Exception exception) when (exception is StorageException and not LogMovedException or GatewayException or LoadingRefusedException)
        {
            services.Observer.Failed(replica.Project, exception);
            fail(new ProjectOutcome.Unavailable(Explain(exception)));
            PostponeRetry();
        }
    }

    private Task KnowHeadAsync() =>
        replica.MustRefresh ? replica.RefreshAsync(commitId: null, CancellationToken.None) : Task.CompletedTask;

    /// <summary>Everybody who waits needs this, so that a store that refuses once is asked again before they are sent away.</summary>
    private async Task ServeStubbornlyAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await KnowHeadAsync();
                await ServeAsync();
                backOff.Forget();
                return;
            }
            catch (StorageException exception) when (exception is not LogMovedException && attempt < options.SendAttemptsMax && IsWaitedFor)
            {
                services.Observer.Failed(replica.Project, exception);
                desk.Redo();
                backOff.Postpone();
                await backOff.WaitAsync();
            }
        }
    }

    private bool IsWaitedFor => IsWaited || !desk.IsEmpty;

    /// <summary>Who asks for publication knows more of the head than this engine, which may have slept.</summary>
    private async Task TakePublishItemsAsync(List<PublishItem> asked)
    {
        await replica.RefreshAsync(commitId: null, CancellationToken.None);
        desk.LookForDebts();
        unanswered.AddRange(asked.Select(item => ((ProjectRequest)item, replica.Head.Revision)));
    }
}
