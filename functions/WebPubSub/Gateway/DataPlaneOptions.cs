using Azure.Core;

namespace ServerlessSync.WebPubSub.Gateway;

/// <summary>The options of calls to the data plane. The transport can be replaced; retries cannot be enabled.</summary>
public sealed class DataPlaneOptions : ClientOptions
{
    /// <summary>
    /// The time-out of one call, from sending to the last byte of the response. Less than half of the 5 s publish lease: a
    /// publisher must know the outcome of a send while it still holds the lease. Acquiring an Entra token comes before and
    /// is not included.
    /// </summary>
    public static readonly TimeSpan NetworkTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Creates the options.</summary>
    public DataPlaneOptions()
    {
        Retry.NetworkTimeout = NetworkTimeout;
        // A user agent would reveal machine and framework to the service and lengthen every call, for no benefit.
        Diagnostics.IsTelemetryEnabled = false;
        // Frames contain users' data.
        Diagnostics.IsLoggingContentEnabled = false;
    }
}
