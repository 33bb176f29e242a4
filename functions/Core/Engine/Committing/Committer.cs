using ServerlessSync.Core.Engine.Forwarding;
using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Engine.Publishing;
using ServerlessSync.Core.Engine.Subscribing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Engine.Committing;

/// <summary>
/// Decides what a batch of submissions becomes against the folded state, and appends it in one transaction; after a lost race it folds
/// what others committed and decides again.
/// </summary>
internal sealed class Committer(
    EngineDependencies services,
    SequencerOptions options,
    ProjectReplica replica,
    HeadWriter head,
    PendingPublicationMarker due,
    DatasetDebts debts
)
{
    private readonly AuthorCheck authors = new(services, options, replica, debts);

    /// <summary>
    /// Accepts what can be accepted, and decides what each item waits for. Null when another engine holds the lease and wins: then the batch is
    /// for the inbox.
    /// </summary>
    /// <param name="items">Submissions that came to this process.</param>
    /// <param name="drains">Inbox rows, only for the holder of the lease; those of other engines are answered by receipts.</param>
    /// <param name="mayForward">Whether the batch may go to the inbox.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StorageException">Nothing of the batch was stored, or it is not known.</exception>
    public async Task<CommitResult?> CommitAsync(
        IReadOnlyList<SubmitItem> items,
        IReadOnlyList<InboxDrain> drains,
        bool mayForward,
        CancellationToken cancellationToken
    )
    {
        authors.Clear();
        var started = services.Time.GetTimestamp();
        var isFresh = head.IsLikelyStale;
        if (isFresh)
        {
            await replica.RefreshAsync(commitId: null, cancellationToken);
        }

        for (var attempt = 1; ; attempt++)
        {
            await due.EnsureAsync(cancellationToken);
            var batch = await DecideAsync(items, drains, attempt, cancellationToken);
            if (!isFresh && batch.Pass.Decisions.Any(IsByWhatWasRead))
            {
                // No write fences a refusal: the right may have been given since this engine last read the head, or the reset been sent.
                replica.State.Dataset.Rollback();
                await replica.RefreshAsync(commitId: null, cancellationToken);
                isFresh = true;
                batch = await DecideAsync(items, drains, attempt, cancellationToken);
            }

            if (batch.Pass.Entries.Count == 0 && batch.Receipts.Count == 0)
            {
                replica.State.Dataset.Release();
                return batch.Result;
            }

            var commit = ToCommit(batch);
            if (await TryAppendAsync(commit, batch, items, attempt, cancellationToken))
            {
                NotifyCommitted(commit, attempt, started);
                return batch.Result;
            }

            if (mayForward && attempt >= options.ForwardAfter && !head.HoldsLease && !replica.Head.LeaseIsFree)
            {
                return null;
            }

            // The engine that won may have drained them; the next read of the inbox tells.
            drains = [];
        }
    }

    private static bool IsByWhatWasRead(Decision decision) =>
        decision.IsRefusedByWindow
        || decision.Outcome is ProjectOutcome.Denied or ProjectOutcome.Refused
        || string.Equals(decision.Resync, Refusals.NotAllowed, StringComparison.Ordinal);

    private async Task<Batch> DecideAsync(
        IReadOnlyList<SubmitItem> items,
        IReadOnlyList<InboxDrain> drains,
        int attempt,
        CancellationToken cancellationToken
    )
    {
        var all = drains.SelectMany(static drain => drain.Items).Concat(items).ToList();
        var unread = await FetchAsync(all, cancellationToken);

        // Last, as only the append may come between asking for the authors and it.
        var states = await authors.FindAsync(all, attempt, cancellationToken);
        unread.ForEach(item => states[item] = AuthorState.Unread);
        replica.State.Dataset.Mark();
        var batch = new Batch(new DecidePass(services, options, replica, head), Receipts: [], new CommitResult(Decisions: [], OwnRows: []));
        foreach (var drain in drains)
        {
            DecideRow(batch, drain, states);
        }

        batch.Result.Decisions.AddRange(Decide(batch.Pass, items, states));
        return batch;
    }

    private void DecideRow(Batch batch, InboxDrain drain, Dictionary<SubmitItem, AuthorState> states)
    {
        string? answers = null;
        if (drain.IsOwn)
        {
            batch.Result.Decisions.AddRange(Decide(batch.Pass, drain.Items, states));
            batch.Result.OwnRows.Add(drain.Row.Key);
        }
        else if (drain.Items.Count <= SubmissionCodec.ItemsMax && !drain.Items.Any(item => states.GetValueOrDefault(item) is AuthorState.Unreachable or AuthorState.Unclear or AuthorState.Unread))
        {
            answers = SubmissionCodec.WriteAnswers(Decide(batch.Pass, drain.Items, states), drain.Row.WantsAnswer);
        }

        // Without a decision its engine finds the row gone and nothing of it in the log, and decides by itself, item by item. Rows of so many
        // items that the answers may not fit are those of the last release.
        batch.Receipts.Add(new InboxReceipt(drain.Row, answers, services.Time.GetUtcNow()));
    }

    private Commit? ToCommit(Batch batch) =>
        batch.Pass.Entries.Count == 0
            ? null
            : new Commit(services.Ids.NewId(), services.Time.GetUtcNow(), batch.Pass.Entries)
            {
                Answered = [.. batch.Receipts.Where(static receipt => receipt.Answers is not null).Select(static receipt => receipt.Row.Key)],
            };

    /// <summary>Brings what resets and restores go back to. Those for which that is not possible now.</summary>
    private async Task<List<SubmitItem>> FetchAsync(List<SubmitItem> items, CancellationToken cancellationToken)
    {
        var replacing = items.Where(item => ReplacementKey(item) is not null).ToList();
        try
        {
            await replica.Replacements.FetchAsync([.. replacing.Select(item => ReplacementKey(item)!)], replica.Head, cancellationToken);
            return [];
        }
        catch (Exception exception) when (exception is StorageException or LoadingRefusedException)
        {
            services.Observer.Failed(replica.Project, exception);
            return replacing;
        }
    }

    private string? ReplacementKey(SubmitItem item) =>
        item switch
        {
            ResetItem => replica.Head.BaseKey,
            RestoreItem restore => restore.Restored.Key,
            _ => null,
        };

    private static List<Decision> Decide(DecidePass pass, IReadOnlyList<SubmitItem> items, Dictionary<SubmitItem, AuthorState> states) =>
        [.. items.Select(item => pass.Decide(item, states.GetValueOrDefault(item)))];

    private void NotifyCommitted(Commit? commit, int attempts, long started)
    {
        if (commit is not null)
        {
            services.Observer.Committed(
                replica.Project,
                commit.Last,
                commit.Entries.Count,
                attempts,
                services.Time.GetElapsedTime(started)
            );
        }
    }

    private async Task<bool> TryAppendAsync(
        Commit? commit,
        Batch batch,
        IReadOnlyList<SubmitItem> items,
        int attempt,
        CancellationToken cancellationToken
    )
    {
        var patch = head.Progress() with { Lease = replica.Head.LeaseIsFree ? LeaseChange.Take : LeaseChange.None };
        HeadWrite written;
        try
        {
            // Rows that no entry comes to name are litter: saved versions are few, and lost races with one fewer.
            foreach (var (key, json) in batch.Pass.Contents)
            {
                await replica.Log.WritePayloadAsync(key, json, cancellationToken);
            }

            written = await head.WriteAsync(patch, cancellationToken, commit, batch.Receipts);
        }
        catch (Exception)
        {
            // Refused by the store for another reason than a race: nothing was written.
            replica.State.Dataset.Rollback();
            throw;
        }

        if (written == HeadWrite.Written)
        {
            replica.State.Dataset.Release();
            return true;
        }

        replica.State.Dataset.Rollback();
        if (attempt >= options.CommitAttemptsMax)
        {
            throw new StorageException(
                $"A commit to project {replica.Project} lost {attempt} races.",
                outcomeUnknown: written == HeadWrite.Unknown
            );
        }

        return await FindAfterLostRaceAsync(commit, items, attempt, written, cancellationToken);
    }

    /// <summary>Waits, and reads the log. True when the commit is found in it after all.</summary>
    private async Task<bool> FindAfterLostRaceAsync(
        Commit? commit,
        IReadOnlyList<SubmitItem> items,
        int attempt,
        HeadWrite written,
        CancellationToken cancellationToken
    )
    {
        // Other engines yield to the holder of the lease, so it wins the next race.
        if (!head.HoldsLease || written == HeadWrite.Unknown)
        {
            await Task.Delay(options.CommitRetry.PauseAfter(attempt, services.Ids), services.Time, cancellationToken);
        }

        // The authors are asked about meanwhile: an author that is decided again must still be there.
        var verification = attempt < options.ForwardAfter
            ? authors.VerifyAsync(items, cancellationToken)
            : Task.CompletedTask;
        var found = await replica.RefreshAsync(commit?.Id, cancellationToken);
        await verification;
        return found;
    }

    /// <summary>One decided batch.</summary>
    /// <param name="Pass">Its entries, which are applied to the marked dataset.</param>
    /// <param name="Receipts">What is stored about the inbox rows in it.</param>
    /// <param name="Result">What this engine answers once the entries are stored.</param>
    private sealed record Batch(DecidePass Pass, List<InboxReceipt> Receipts, CommitResult Result);
}

/// <summary>What became of a batch.</summary>
/// <param name="Decisions">Of the items that this engine answers.</param>
/// <param name="OwnRows">Inbox rows of this engine that it has drained itself.</param>
internal sealed record CommitResult(List<Decision> Decisions, List<string> OwnRows);

/// <summary>An inbox row to be drained, and the submissions in it.</summary>
/// <param name="Row">The row.</param>
/// <param name="Items">The submissions; none when only old answers are to be removed.</param>
/// <param name="IsOwn">Whether this engine wrote it, so that its items are answered here.</param>
internal sealed record InboxDrain(InboxRow Row, IReadOnlyList<SubmitItem> Items, bool IsOwn);
