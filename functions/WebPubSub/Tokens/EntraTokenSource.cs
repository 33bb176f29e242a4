using System.Text.Json;
using Azure.Core;
using ServerlessSync.Core.Model;
using ServerlessSync.WebPubSub.Gateway;

namespace ServerlessSync.WebPubSub.Tokens;

/// <summary>
/// Lets the service sign client tokens (<c>:generateToken</c>), for resources whose access keys are disabled.
/// </summary>
public sealed class EntraTokenSource : IClientAccessTokenSource
{
    /// <summary>The longest token in bytes: a client sends it in a URL, where gateways allow about 8 KiB.</summary>
    public const int TokenBytesMax = 8 * 1024;

    private readonly DataPlane plane;
    private readonly TokenLifetime lifetime;
    private readonly TimeProvider time;

    /// <summary>
    /// Calls through <paramref name="plane"/>, which must use Entra tokens: the service refuses access keys here.
    /// </summary>
    public EntraTokenSource(DataPlane plane, TokenLifetime lifetime, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(plane);
        ArgumentNullException.ThrowIfNull(lifetime);
        ArgumentNullException.ThrowIfNull(time);
        this.plane = plane;
        this.lifetime = lifetime;
        this.time = time;
    }

    /// <inheritdoc/>
    public async Task<ClientAccess> CreateAsync(ClientAccessRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ClientAccessRequest.ThrowIfOverLimits(request);
        var call = new RestCall(plane, "generate token", RequestMethod.Post).At(":generateToken");
        if (request.User is not null)
        {
            call.With("userId", request.User);
        }

        foreach (var role in request.Roles)
        {
            call.With("role", role);
        }

        foreach (var group in request.Groups)
        {
            call.With("group", group);
        }

        call.With("minutesToExpire", lifetime.Minutes.ToString());
        // Measured before the call, so that the reported time is never later than the token's own.
        var expires = time.GetUtcNow() + lifetime.Span;
        var answer = await call.SendAsync(alsoExpected: 0, cancellationToken);
        return new ClientAccess(ClientUrl.WithToken(plane.Endpoint, plane.Hub, Read(answer)), expires);
    }

    private static string Read(RestAnswer answer)
    {
        try
        {
            if (answer.Body.ToMemory().Length <= TokenBytesMax)
            {
                using var document = JsonDocument.Parse(answer.Body.ToMemory());
                if (document.RootElement.GetProperty("token").GetString() is { Length: > 0 } token)
                {
                    return token;
                }
            }
        }
        catch (Exception exception)
            when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // The parser's message may quote the token, so it is not kept as the cause.
            throw Unreadable();
        }

        throw Unreadable();
    }

    private static GatewayException Unreadable() =>
        new($"Web PubSub returned no token of at most {TokenBytesMax} bytes: generate token.");
}
