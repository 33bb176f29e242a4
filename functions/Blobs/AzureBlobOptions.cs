using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;

namespace ServerlessSync.Blobs;

/// <summary>How an <see cref="AzureArchiveContainer"/> talks to the service.</summary>
public sealed class AzureBlobOptions
{
    /// <summary>Attempts beyond the first: every request can be repeated, and the next call of the timer is another attempt.</summary>
    private const int RetriesMax = 2;

    /// <summary>How long one attempt may take: a part of 8 MiB at 1 MB/s, within the minute that a host gives a function. Default 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What carries the requests; null for the SDK's own. Tests put a network that fails in its place.</summary>
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
