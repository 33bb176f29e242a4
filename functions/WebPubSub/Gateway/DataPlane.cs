using Azure.Core;
using Azure.Core.Pipeline;

namespace ServerlessSync.WebPubSub.Gateway;

/// <summary>The REST interface of one hub: its address, credentials and HTTP pipeline. One per process; thread-safe.</summary>
public sealed class DataPlane
{
    /// <summary>The version of the REST interface; the first that can list a group.</summary>
    public const string ApiVersion = "2024-12-01";

    /// <summary>The scope of Entra tokens (azure-web-pubsub, concept-azure-ad-authorization).</summary>
    public const string EntraScope = "https://webpubsub.azure.com/.default";

    private DataPlane(Uri endpoint, HubName hub, DataPlaneOptions? options, HttpPipelinePolicy authentication)
    {
        Endpoint = endpoint;
        Hub = hub;
        options ??= new DataPlaneOptions();
        // A retried send could arrive after its sender lost the lease, so only the caller decides about retries.
        options.Retry.MaxRetries = 0;
        Pipeline = HttpPipelineBuilder.Build(options, authentication);
    }

    /// <summary>Scheme, host and port of the service.</summary>
    public Uri Endpoint { get; }

    /// <summary>The hub.</summary>
    public HubName Hub { get; }

    internal HttpPipeline Pipeline { get; }

    /// <summary>Authenticates calls with an access key.</summary>
    public static DataPlane FromConnectionString(
        ServiceConnectionString connection,
        HubName hub,
        TimeProvider time,
        DataPlaneOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(hub);
        return new DataPlane(connection.Endpoint, hub, options, new AccessKeyPolicy(connection.Key, time));
    }

    /// <summary>Authenticates calls with Entra tokens; the identity needs the role <c>Web PubSub Service Owner</c>.</summary>
    /// <exception cref="ArgumentException">The endpoint is not https://host[:port]: Entra tokens must not travel
    /// unencrypted.</exception>
    public static DataPlane FromCredential(
        Uri endpoint,
        TokenCredential credential,
        HubName hub,
        DataPlaneOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(credential);
        ArgumentNullException.ThrowIfNull(hub);
        if (
            !ServiceEndpoint.IsUsable(endpoint)
            || !string.Equals(endpoint.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal)
        )
        {
            throw new ArgumentException("With Entra tokens the endpoint must be https://host[:port].", nameof(endpoint));
        }

        return new DataPlane(endpoint, hub, options, new BearerTokenAuthenticationPolicy(credential, EntraScope));
    }
}
