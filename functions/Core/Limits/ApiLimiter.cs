using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Limits;

/// <summary>
/// Decides whether a request to the HTTP API is admitted. Each instance counts requests and rejected tokens on its own;
/// changes and new projects are counted in storage, for all instances together.
/// </summary>
public sealed class ApiLimiter
{
    private readonly RateLimitOptions options;
    private readonly ILimitObserver? observer;
    private readonly KeyedBuckets calls;
    private readonly KeyedBuckets exports;
    private readonly KeyedBuckets signIns;
    private readonly UserLedger ledger;

    /// <summary>Creates a limiter.</summary>
    /// <exception cref="ArgumentException">An option cannot be used; the message names each.</exception>
    public ApiLimiter(RateLimitOptions options, ITableStore store, TimeProvider time, ILimitObserver? observer)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(time);
        if (options.Problems() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        }

        this.options = options;
        this.observer = observer;
        calls = new KeyedBuckets(new BucketSet(options.Calls), time);
        exports = new KeyedBuckets(new BucketSet(options.Exports), time);
        signIns = new KeyedBuckets(new BucketSet(options.FailedSignIns), time);
        ledger = new UserLedger(options, store, time);
    }

    /// <summary>Whether a token from an address is validated: not after too many rejected ones from there.</summary>
    public LimitVerdict CheckAddress(string address) =>
        options.IsOn ? Report(LimitKind.SignIns, signIns.WaitFor(address, [1]).Time) : LimitVerdict.Admitted;

    /// <summary>Counts a rejected token from an address.</summary>
    public void CountRefusal(string address)
    {
        if (options.IsOn)
        {
            signIns.TryTake(address, [1], TimeSpan.Zero);
        }
    }

    /// <summary>Whether a request of a user is admitted.</summary>
    public LimitVerdict TakeCall(string user) =>
        options.IsOn ? Report(LimitKind.Calls, calls.TryTake(user, [1], TimeSpan.Zero).Time) : LimitVerdict.Admitted;

    /// <summary>Whether a user may read a dataset or a history now.</summary>
    public LimitVerdict TakeExport(string user) =>
        options.IsOn ? Report(LimitKind.Exports, exports.TryTake(user, [1], TimeSpan.Zero).Time) : LimitVerdict.Admitted;

    /// <summary>Whether a user may change something now.</summary>
    /// <exception cref="StorageException">It could not be counted.</exception>
    public async Task<LimitVerdict> TakeWriteAsync(string user, CancellationToken cancellationToken) =>
        options.IsOn ? Report(await ledger.TakeWriteAsync(user, cancellationToken)) : LimitVerdict.Admitted;

    /// <summary>Whether a user may create a project now. Asked before its dataset is read.</summary>
    /// <param name="user">The creator.</param>
    /// <param name="bytes">Bytes of the dataset; the most that it can have when that is unknown.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="StorageException">It could not be counted.</exception>
    public async Task<LimitVerdict> TakeCreationAsync(string user, long bytes, CancellationToken cancellationToken) =>
        options.IsOn ? Report(await ledger.TakeCreationAsync(user, bytes, cancellationToken)) : LimitVerdict.Admitted;

    /// <summary>Counts a project that a user has created.</summary>
    /// <exception cref="StorageException">It could not be counted.</exception>
    public Task CountProjectAsync(string user, ProjectId project, CancellationToken cancellationToken) =>
        options.IsOn ? ledger.CountProjectAsync(user, project, cancellationToken) : Task.CompletedTask;

    /// <summary>Removes the stored buckets of users that have filled up again. Meant for a timer.</summary>
    /// <returns>The number of users.</returns>
    /// <exception cref="StorageException">The next call continues.</exception>
    public Task<int> SweepAsync(CancellationToken cancellationToken) => ledger.SweepAsync(cancellationToken);

    private LimitVerdict Report(LimitKind kind, TimeSpan wait) =>
        wait > TimeSpan.Zero ? Report((kind, LimitVerdict.Wait(kind, wait))) : LimitVerdict.Admitted;

    private LimitVerdict Report((LimitKind Kind, LimitVerdict.Refused Refusal)? refused)
    {
        if (refused is not { } limit)
        {
            return LimitVerdict.Admitted;
        }

        observer?.LimitReached(limit.Kind, LimitAction.Refused);
        return limit.Refusal;
    }
}
