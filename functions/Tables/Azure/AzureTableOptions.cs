using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;

namespace ServerlessSync.Tables.Azure;

/// <summary>How an <see cref="AzureTableStore"/> talks to the service.</summary>
public sealed class AzureTableOptions
{
    /// <summary>
    /// The time-out of one attempt while a client waits. Typical answers take 5 to 20 milliseconds. Below half of the 5 s
    /// lease, so that a renewal whose answer is lost can be retried before the lease expires.
    /// </summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(2);

    /// <summary>The time-out of a read with all its attempts while a client waits: two attempts.</summary>
    public static readonly TimeSpan DefaultReadBudget = TimeSpan.FromSeconds(4);

    /// <summary>
    /// The time-out of one attempt when no client waits: a partition that moves between servers is unavailable for seconds.
    /// </summary>
    public static readonly TimeSpan DefaultBackgroundTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Retries of a read while a client waits: the budget has room for one.</summary>
    private const int ReadRetriesMax = 1;

    /// <summary>Retries of a read when no client waits.</summary>
    private const int BackgroundReadRetriesMax = 3;

    /// <summary>The time-out of one attempt; after it, the outcome of a transaction is unknown. Default 2 s.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>The time-out of a read, or of one page of a query, with all its attempts. Default 4 s.</summary>
    public TimeSpan ReadBudget { get; init; } = DefaultReadBudget;

    /// <summary>The time-out of one attempt of <see cref="Core.Storage.ITableStore.Background"/> work. Default 10 s.</summary>
    public TimeSpan BackgroundTimeout { get; init; } = DefaultBackgroundTimeout;

    /// <summary>The transport of requests; null for the SDK's own. Tests replace it with a network that fails.</summary>
    public HttpPipelineTransport? Transport { get; init; }

    internal TableClientOptions ForReads() => ForReads(Timeout, ReadRetriesMax, TimeSpan.FromMilliseconds(200));

    internal TableClientOptions ForBackgroundReads() => ForReads(BackgroundTimeout, BackgroundReadRetriesMax, TimeSpan.FromSeconds(2));

    /// <summary>A single attempt: a retry of a transaction that was carried out would conflict with itself.</summary>
    internal TableClientOptions ForTransactions() => ForTransactions(Timeout);

    internal TableClientOptions ForBackgroundTransactions() => ForTransactions(BackgroundTimeout);

    private TableClientOptions ForReads(TimeSpan timeout, int retries, TimeSpan delayMax)
    {
        var options = Common(timeout);
        options.Retry.MaxRetries = retries;
        options.Retry.Mode = RetryMode.Exponential;
        options.Retry.Delay = TimeSpan.FromMilliseconds(100);
        options.Retry.MaxDelay = delayMax;
        return options;
    }

    private TableClientOptions ForTransactions(TimeSpan timeout)
    {
        var options = Common(timeout);
        options.Retry.MaxRetries = 0;
        options.AddPolicy(DeparturePolicy.Instance, HttpPipelinePosition.BeforeTransport);
        return options;
    }

    private TableClientOptions Common(TimeSpan timeout)
    {
        var options = new TableClientOptions();
        options.Retry.NetworkTimeout = timeout;
        if (Transport is not null)
        {
            options.Transport = Transport;
        }

        return options;
    }
}
