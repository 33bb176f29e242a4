using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;

namespace ServerlessSync.Blobs;

/// <summary>The options of an <see cref="AzureArchiveContainer"/>.</summary>
public sealed class AzureBlobOptions
{
    /// <summary>Retries: every request can be repeated, and the next run of the timer is another attempt.</summary>
    private const int RetriesMax = 2;

    /// <summary>
    /// The time-out of one attempt: a part of 8 MiB at 1 MB/s, within the minute that a host gives a function. Default 10
    /// s.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The transport of requests; null for the SDK's own. Tests replace it with a network that fails.</summary>
    public HttpPipelineTransport? Transport { get; init; }

    internal BlobClientOptions ToClientOptions()
    {
        var options = new BlobClientOptions();
        options.Retry.NetworkTimeout = Timeout;
        options.Retry.MaxRetries = RetriesMax;
        options.Retry.Mode = RetryMode.Exponential;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(2);
        if (Transport is not null)
        {
            options.Transport = Transport;
        }

        return options;
    }
}
