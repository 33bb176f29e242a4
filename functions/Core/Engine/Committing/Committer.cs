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
    PendingPublicationMarker due,
    DatasetDebts debts
)
{
    private readonly AuthorCheck authors = new(services, options, replica, debts);

    /// <summary>
    /// Accepts what can be accepted and says of every item what it waits for. Null when somebody else holds the lease and wins: then
    /// the batch is for the inbox.
    /// </summary>
    /// <param name="items">Submissions that came to this process.</param>
    /// <param name="drains">Inbox rows, only for the holder of the lease; those of others are answered by receipts.</param>
    /// <param name="mayForward">Whether the batch may go to the inbox.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StorageException">Nothing of the batch was stored, or it is not known.</exception>
    public async Task<IReadOnlyList<Decision>?> CommitAsync(
        IReadOnlyList<SubmitItem> items,
        IReadOnlyList<InboxDrain> drains,
        bool mayForward,
        CancellationToken cancellationToken
    )
    {
        authors.Clear();
        var started = services.Time.GetTimestamp();
        var isFresh = replica.IsLikelyStale;
        if (isFresh)
        {
            await replica.RefreshAsync(commitId: null, cancellationToken);
        }

        for (var attempt = 1; ; attempt++)
        {
            await due.EnsureAsync(cancellationToken);
            var (pass, receipts) = await DecideAsync(items, drains, attempt, cancellationToken);
            if (!isFresh && pass.Decisions.Any(IsByWhatWasRead))
            {
                // Nothing fences a refusal: the right may have been given since this engine last looked, or the reset been sent.
                replica.State.Dataset.Rollback();
                await replica.RefreshAsync(commitId: null, cancellationToken);
                isFresh = true;
                (pass, receipts) = await DecideAsync(items, drains, attempt, cancellationToken);
            }

            if (pass.Entries.Count == 0 && receipts.Count == 0)
            {
                replica.State.Dataset.Release();
                return pass.Decisions;
            }

            var commit = pass.Entries.Count == 0
                ? null
                : new Commit(services.Ids.NewId(), services.Time.GetUtcNow(), pass.Entries)
                {
                    Answered = [.. receipts.Where(static receipt => receipt.ProblemResults is not null).Select(static receipt => receipt.Row.Key)],
                };
            if (await TryAppendAsync(commit, pass.Contents, items, receipts, attempt, cancellationToken))
            {
                Tell(commit, attempt, started);
                return pass.Decisions;
            }

            if (mayForward && attempt >= options.ForwardAfter && !replica.HoldsLease && !replica.Head.LeaseIsFree)
            {
                return null;
            }

            // Whoever won may have drained them; the next look tells.
            drains = [];
        }
    }

    private static bool IsByWhatWasRead(Decision decision) =>
        decision.IsRefusedByWindow
        || decision.Outcome is ProjectOutcome.Denied
        || string.Equals(decision.Resync, Refusals.NotAllowed, StringComparison.Ordinal);

    private async Task<(DecidePass Pass, List<InboxReceipt> Receipts)> DecideAsync(
        IReadOnlyList<SubmitItem> items,
        IReadOnlyList<InboxDrain> drains,
        int attempt,
        CancellationToken cancellationToken
    )
    {
        var all = drains.SelectMany(static drain => drain.Items).Concat(items).ToList();
        var unread = await FetchAsync(all, cancellationToken);

        // Last, as nothing but the append is to come between asking for the authors and it.
        var where = await authors.FindAsync(all, attempt, cancellationToken);
        unread.ForEach(item => where[item] = AuthorState.Unclear);
        replica.State.Dataset.Mark();
        var pass = new DecidePass(services, options, replica);
        var receipts = new List<InboxReceipt>(drains.Count);
        foreach (var drain in drains)
        {
            if (!drain.IsOwn && drain.Items.Any(item => where.GetValueOrDefault(item) is AuthorState.Unreachable or AuthorState.Unclear))
            {
                // Its engine finds the row gone and nothing of it in the log, and decides by itself, item by item.
                receipts.Add(new InboxReceipt(drain.Row, ProblemResults: null, services.Time.GetUtcNow()));
                continue;
            }

            var first = pass.Decisions.Count;
            Decide(pass, drain.Items, where);
            var answers = drain.IsOwn ? null : SubmissionCodec.WriteAnswers(pass.Decisions[first..], drain.Row.WantsAnswer);
            receipts.Add(new InboxReceipt(drain.Row, answers, services.Time.GetUtcNow()));
        }

        Decide(pass, items, where);
        return (pass, receipts);
    }

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

    private static void Decide(DecidePass pass, IReadOnlyList<SubmitItem> items, Dictionary<SubmitItem, AuthorState> where)
    {
        foreach (var item in items)
        {
            pass.Decide(item, where.GetValueOrDefault(item));
        }
    }

    private void Tell(Commit? commit, int attempts, long started)
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
        List<(string Key, ReadOnlyMemory<byte> Json)> contents,
        IReadOnlyList<SubmitItem> items,
        List<InboxReceipt> receipts,
        int attempt,
        CancellationToken cancellationToken
    )
    {
        var head = replica.Head with { Revision = commit?.Last ?? replica.Head.Revision };
        var next = head.LeaseIsFree ? head.TakenBy(replica.Engine) : head;
        HeadWrite written;
        try
        {
            // Rows that no entry comes to name are litter: saved versions are few, and lost races with one fewer.
            foreach (var (key, json) in contents)
            {
                await replica.Log.WritePayloadAsync(key, json, cancellationToken);
            }

            written = await replica.WriteAsync(next, commit, receipts, cancellationToken);
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

        // Whoever else commits yields to the holder of the lease, so the next race is its own to win.
        if (!replica.HoldsLease || written == HeadWrite.Unknown)
        {
            await BackOffAsync(attempt, cancellationToken);
        }

        // The authors are asked about meanwhile, as whoever is decided again must still be there.
        var verification = attempt < options.ForwardAfter
            ? authors.VerifyAsync(items, cancellationToken)
            : Task.CompletedTask;
        var found = await replica.RefreshAsync(commit?.Id, cancellationToken);
        await verification;
        return found;
    }

    private Task BackOffAsync(int attempt, CancellationToken cancellationToken)
    {
        // Full jitter: losers of one race must not meet again in the next.
        var ceiling = options.CommitBackOff * Math.Pow(2, attempt - 1);
        return Task.Delay(ceiling * services.Ids.NextDouble(), services.Time, cancellationToken);
    }
}

/// <summary>An inbox row to be drained, and the submissions in it.</summary>
/// <param name="Row">The row.</param>
/// <param name="Items">The submissions; none when only old answers are to be removed.</param>
/// <param name="IsOwn">Whether this engine wrote it, so that its items are answered here.</param>
internal sealed record InboxDrain(InboxRow Row, IReadOnlyList<SubmitItem> Items, bool IsOwn);
