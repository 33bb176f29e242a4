using Azure.Core;

namespace ServerlessSync.WebPubSub.Gateway;

/// <summary>
/// How calls to the data plane travel. The transport can be replaced; repeating calls cannot be switched on.
/// </summary>
public sealed class DataPlaneOptions : ClientOptions
{
    /// <summary>
    /// How long one call may take on the wire, from sending to the last byte of the answer. Shorter than half of the
    /// 5 s publish lease: a publisher must know what became of a send while it still holds the lease. Getting an Entra
    /// token comes before and is not counted.
    /// </summary>
    public static readonly TimeSpan NetworkTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Makes the options.</summary>
    public DataPlaneOptions()
    {
        Retry.NetworkTimeout = NetworkTimeout;
        // A user agent would tell the service about machine and framework, which helps nobody and lengthens every call.
        Diagnostics.IsTelemetryEnabled = false;
        // Frames are people's data.
        Diagnostics.IsLoggingContentEnabled = false;
    }
}
