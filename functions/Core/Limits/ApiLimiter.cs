using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Limits;

/// <summary>
/// Decides whether a request to the HTTP API may be served. Requests, and tokens that are not accepted, are counted by this instance alone;
/// what changes or makes something is counted in storage, for all of them.
/// </summary>
public sealed class ApiLimiter
{
    private readonly RateLimitOptions options;
    private readonly ILimitObserver? observer;
    private readonly KeyedBuckets calls;
    private readonly KeyedBuckets exports;
    private readonly KeyedBuckets signIns;
    private readonly UserLedger ledger;

    /// <summary>Makes a limiter.</summary>
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

    /// <summary>Whether a token from an address is looked at: not while too many from there were not accepted.</summary>
    public LimitVerdict CheckAddress(string address) =>
        options.IsOn ? Tell(LimitKind.SignIns, signIns.WaitFor(address, [1]).Time) : LimitVerdict.Admitted;

    /// <summary>A token from an address was not accepted.</summary>
    public void CountRefusal(string address)
    {
        if (options.IsOn)
        {
            signIns.TryTake(address, [1], TimeSpan.Zero);
        }
    }

    /// <summary>Whether a request of a user is served.</summary>
    public LimitVerdict TakeCall(string user) =>
        options.IsOn ? Tell(LimitKind.Calls, calls.TryTake(user, [1], TimeSpan.Zero).Time) : LimitVerdict.Admitted;

    /// <summary>Whether a user may read a dataset or a history now.</summary>
    public LimitVerdict TakeExport(string user) =>
        options.IsOn ? Tell(LimitKind.Exports, exports.TryTake(user, [1], TimeSpan.Zero).Time) : LimitVerdict.Admitted;

    /// <summary>Whether a user may change something now.</summary>
    /// <exception cref="StorageException">It could not be counted.</exception>
    public async Task<LimitVerdict> TakeWriteAsync(string user, CancellationToken cancellationToken) =>
        options.IsOn ? Tell(await ledger.TakeWriteAsync(user, cancellationToken)) : LimitVerdict.Admitted;

    /// <summary>Whether a user may make a project now. Asked before its dataset is read.</summary>
    /// <param name="user">The maker.</param>
    /// <param name="bytes">Bytes of the dataset, as many as it can have at most when that is not known.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StorageException">It could not be counted.</exception>
    public async Task<LimitVerdict> TakeCreationAsync(string user, long bytes, CancellationToken cancellationToken) =>
        options.IsOn ? Tell(await ledger.TakeCreationAsync(user, bytes, cancellationToken)) : LimitVerdict.Admitted;

    /// <summary>Counts a project that a user has made.</summary>
    /// <exception cref="StorageException">It could not be counted.</exception>
    public Task CountProjectAsync(string user, ProjectId project, CancellationToken cancellationToken) =>
        options.IsOn ? ledger.CountProjectAsync(user, project, cancellationToken) : Task.CompletedTask;

    /// <summary>Removes what is stored of users who have done nothing for so long that it says nothing any more. Meant for a timer.</summary>
    /// <returns>The number of users.</returns>
    /// <exception cref="StorageException">It is left to the next call.</exception>
    public Task<int> SweepAsync(CancellationToken cancellationToken) => ledger.SweepAsync(cancellationToken);

    private LimitVerdict Tell(LimitKind kind, TimeSpan wait) =>
        wait > TimeSpan.Zero ? Tell((kind, LimitVerdict.Wait(kind, wait))) : LimitVerdict.Admitted;

    private LimitVerdict Tell((LimitKind Kind, LimitVerdict.Refused Refusal)? refused)
    {
        if (refused is not { } limit)
        {
            return LimitVerdict.Admitted;
        }

        observer?.LimitReached(limit.Kind, LimitAction.Refused);
        return limit.Refusal;
    }
}
