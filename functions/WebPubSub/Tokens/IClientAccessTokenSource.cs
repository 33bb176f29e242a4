using ServerlessSync.Core.Model;

namespace ServerlessSync.WebPubSub.Tokens;

/// <summary>Gives browsers the URL to connect to.</summary>
public interface IClientAccessTokenSource
{
    /// <summary>Makes a URL for one connection attempt.</summary>
    /// <exception cref="ArgumentException">The request passes a limit of <see cref="ClientAccessRequest"/>.</exception>
    /// <exception cref="GatewayException">The service had to be asked and did not give a token.</exception>
    Task<ClientAccess> CreateAsync(ClientAccessRequest request, CancellationToken cancellationToken);
}
