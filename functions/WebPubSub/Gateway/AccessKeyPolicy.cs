using Azure.Core;
using Azure.Core.Pipeline;

namespace ServerlessSync.WebPubSub.Gateway;

/// <summary>
/// Signs each REST call with an access key: a bearer token whose audience is the complete URL of the call, query included,
/// so that a leaked token is valid for nothing else.
/// </summary>
public sealed class AccessKeyPolicy : HttpPipelineSynchronousPolicy
{
    /// <summary>The lifetime of a call's token, as in the service's own SDKs.</summary>
    public static readonly TimeSpan TokenLifetime = TimeSpan.FromMinutes(5);

    private static readonly Dictionary<string, object> NoClaims = [];
    private readonly AccessKey key;
    private readonly TimeProvider time;

    /// <summary>Signs with <paramref name="key"/>.</summary>
    public AccessKeyPolicy(AccessKey key, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(time);
        this.key = key;
        this.time = time;
    }

    /// <inheritdoc/>
    public override void OnSendingRequest(HttpMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var now = time.GetUtcNow();
        var audience = message.Request.Uri.ToUri().AbsoluteUri;
        var token = AccessKeyTokens.Create(key, audience, now, now + TokenLifetime, NoClaims);
        message.Request.Headers.SetValue(HttpHeader.Names.Authorization, "Bearer " + token);
    }
}
