using Azure.Core;
using Azure.Core.Pipeline;

namespace ServerlessSync.WebPubSub.Gateway;

/// <summary>
/// The REST side of one hub: address, credentials and the pipeline that calls go through. One per process; thread-safe.
/// </summary>
public sealed class DataPlane
{
    /// <summary>The version of the REST interface; the first that can list a group.</summary>
    public const string ApiVersion = "2024-12-01";

    /// <summary>What an Entra token must be for (azure-web-pubsub, concept-azure-ad-authorization).</summary>
    public const string EntraScope = "https://webpubsub.azure.com/.default";

    private DataPlane(Uri endpoint, HubName hub, DataPlaneOptions? options, HttpPipelinePolicy authentication)
    {
        Endpoint = endpoint;
        Hub = hub;
        options ??= new DataPlaneOptions();
        // A repeated send could arrive after the sender was given up (sequencer, generations), so the caller alone repeats.
        options.Retry.MaxRetries = 0;
        Pipeline = HttpPipelineBuilder.Build(options, authentication);
    }

    /// <summary>Scheme, host and port of the service.</summary>
    public Uri Endpoint { get; }

    /// <summary>The hub.</summary>
    public HubName Hub { get; }

    internal HttpPipeline Pipeline { get; }

    /// <summary>Calls signed with an access key.</summary>
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

    /// <summary>Calls with Entra tokens; the identity needs the role <c>Web PubSub Service Owner</c>.</summary>
    /// <exception cref="ArgumentException">
    /// The endpoint is not https://host[:port]: Entra tokens must not travel in the clear.
    /// </exception>
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
            throw new ArgumentException("With Entra tokens the endpoint is https://host[:port].", nameof(endpoint));
        }

        return new DataPlane(endpoint, hub, options, new BearerTokenAuthenticationPolicy(credential, EntraScope));
    }
}
