using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;

namespace ServerlessSync.Tables.Azure;

/// <summary>How an <see cref="AzureTableStore"/> talks to the service.</summary>
public sealed class AzureTableOptions
{
    /// <summary>Default of <see cref="TransactionTimeout"/>.</summary>
    public static readonly TimeSpan DefaultTransactionTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Default of <see cref="ReadTimeout"/>.</summary>
    public static readonly TimeSpan DefaultReadTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Attempts of a read beyond the first: a partition that moves between servers is away for a second or two.</summary>
    private const int ReadRetriesMax = 3;

    /// <summary>
    /// How long the answer of a transaction is awaited; afterwards its outcome is unknown. Usual answers take 5 to 20
    /// milliseconds. Default 10 s.
    /// </summary>
    public TimeSpan TransactionTimeout { get; init; } = DefaultTransactionTimeout;

    /// <summary>How long one attempt of a read may take; there are up to four. Default 10 s.</summary>
    public TimeSpan ReadTimeout { get; init; } = DefaultReadTimeout;

    /// <summary>What carries the requests; null for the SDK's own. Tests put a network that fails in its place.</summary>
    public HttpPipelineTransport? Transport { get; init; }

    internal TableClientOptions ForReads()
    {
        var options = Common(ReadTimeout);
        options.Retry.MaxRetries = ReadRetriesMax;
        options.Retry.Mode = RetryMode.Exponential;
        options.Retry.Delay = TimeSpan.FromMilliseconds(100);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(2);
        return options;
    }

    internal TableClientOptions ForTransactions()
    {
        var options = Common(TransactionTimeout);
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
