using ServerlessSync.Core.Model;

namespace ServerlessSync.WebPubSub.Tokens;

/// <summary>Creates the URLs to which browsers connect.</summary>
public interface IClientAccessTokenSource
{
    /// <summary>Creates a URL for one connection attempt.</summary>
    /// <exception cref="ArgumentException">The request exceeds a limit of <see cref="ClientAccessRequest"/>.</exception>
    /// <exception cref="GatewayException">The service was called and returned no token.</exception>
    Task<ClientAccess> CreateAsync(ClientAccessRequest request, CancellationToken cancellationToken);
}
