using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;

namespace ServerlessSync.Tables.Azure;

/// <summary>How an <see cref="AzureTableStore"/> talks to the service.</summary>
public sealed class AzureTableOptions
{
    /// <summary>
    /// How long one attempt may take while a client waits. Usual answers take 5 to 20 milliseconds; and less than half of the lease's 5 s,
    /// so that a renewal whose answer is lost can be followed by another one.
    /// </summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How long a read may take with all its attempts while a client waits: two of them.</summary>
    public static readonly TimeSpan DefaultReadBudget = TimeSpan.FromSeconds(4);

    /// <summary>How long one attempt may take when no client waits: a partition that moves between servers is away for seconds.</summary>
    public static readonly TimeSpan DefaultBackgroundTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Attempts of a read beyond the first while a client waits: the budget has room for one.</summary>
    private const int ReadRetriesMax = 1;

    /// <summary>Attempts of a read beyond the first when no client waits.</summary>
    private const int BackgroundReadRetriesMax = 3;

    /// <summary>How long one attempt may take; afterwards the outcome of a transaction is unknown. Default 2 s.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>How long a read, or one page of a query, may take with all its attempts. Default 4 s.</summary>
    public TimeSpan ReadBudget { get; init; } = DefaultReadBudget;

    /// <summary>How long one attempt of <see cref="Core.Storage.ITableStore.Background"/> work may take. Default 10 s.</summary>
    public TimeSpan BackgroundTimeout { get; init; } = DefaultBackgroundTimeout;

    /// <summary>What carries the requests; null for the SDK's own. Tests put a network that fails in its place.</summary>
    public HttpPipelineTransport? Transport { get; init; }

    internal TableClientOptions ForReads() => ForReads(Timeout, ReadRetriesMax, TimeSpan.FromMilliseconds(200));

    internal TableClientOptions ForBackgroundReads() => ForReads(BackgroundTimeout, BackgroundReadRetriesMax, TimeSpan.FromSeconds(2));

    /// <summary>One attempt: a repetition of a transaction that was carried out would lose the race against itself.</summary>
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
