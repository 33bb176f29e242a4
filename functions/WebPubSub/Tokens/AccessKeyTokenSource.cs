using Microsoft.IdentityModel.JsonWebTokens;
using ServerlessSync.WebPubSub.Gateway;

namespace ServerlessSync.WebPubSub.Tokens;

/// <summary>Signs client tokens with an access key, without calling the service.</summary>
public sealed class AccessKeyTokenSource : IClientAccessTokenSource
{
    private readonly ServiceConnectionString connection;
    private readonly HubName hub;
    private readonly TokenLifetime lifetime;
    private readonly TimeProvider time;

    /// <summary>Signs tokens for <paramref name="hub"/>.</summary>
    public AccessKeyTokenSource(
        ServiceConnectionString connection,
        HubName hub,
        TokenLifetime lifetime,
        TimeProvider time
    )
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(hub);
        ArgumentNullException.ThrowIfNull(lifetime);
        ArgumentNullException.ThrowIfNull(time);
        this.connection = connection;
        this.hub = hub;
        this.lifetime = lifetime;
        this.time = time;
    }

    /// <inheritdoc/>
    public Task<ClientAccess> CreateAsync(ClientAccessRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ClientAccessRequest.ThrowIfOverLimits(request);
        var now = time.GetUtcNow();
        var expires = DateTimeOffset.FromUnixTimeSeconds((now + lifetime.Span).ToUnixTimeSeconds());
        var audience = ClientUrl.Audience(connection.Endpoint, hub);
        var token = AccessKeyTokens.Create(connection.Key, audience, now, expires, Claims(request));
        return Task.FromResult(new ClientAccess(ClientUrl.WithToken(connection.Endpoint, hub, token), expires));
    }

    private static Dictionary<string, object> Claims(ClientAccessRequest request)
    {
        var claims = new Dictionary<string, object>(StringComparer.Ordinal);
        if (request.User is not null)
        {
            claims[JwtRegisteredClaimNames.Sub] = request.User;
        }

        if (request.Roles.Count > 0)
        {
            claims["role"] = request.Roles.ToArray();
        }

        if (request.Groups.Count > 0)
        {
            claims["webpubsub.group"] = request.Groups.ToArray();
        }

        return claims;
    }
}
