using Microsoft.AspNetCore.Http;
using ServerlessSync.Api.Users;
using ServerlessSync.Core.Limits;

namespace ServerlessSync.Api.Http;

/// <summary>
/// <c>POST /api/negotiate</c>: the address of a socket for whoever is signed in, with a short-lived token that names the person.
/// 200 <c>{"url","expires","user"}</c>; 401, 429, 503 as problem details.
/// </summary>
public sealed class NegotiateEndpoint
{
    private readonly AuthenticatedEndpoint gatekeeper;
    private readonly Func<string, CancellationToken, Task<SocketAddress>> createAddress;

    /// <summary>Makes the endpoint.</summary>
    /// <param name="users">Who makes a request; null when nobody can sign in.</param>
    /// <param name="limiter">How often a user may ask.</param>
    /// <param name="createAddress">Makes an address for a user, with the service's own means.</param>
    public NegotiateEndpoint(
        IUserAuthenticator? users,
        ApiLimiter limiter,
        Func<string, CancellationToken, Task<SocketAddress>> createAddress
    )
    {
        gatekeeper = new AuthenticatedEndpoint(users, limiter);
        this.createAddress = createAddress;
    }

    /// <summary>Handles a request.</summary>
    public Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return gatekeeper.ServeAsync(
            context,
            async user =>
            {
                if (!HttpMethods.IsPost(context.Request.Method))
                {
                    return ProblemResults.MethodNotAllowed(context, HttpMethods.Post);
                }

                var address = await createAddress(user, context.RequestAborted);
                return Results.Json(new { url = address.Url, expires = address.Expires, user });
            }
        );
    }
}

/// <summary>Where to connect to.</summary>
/// <param name="Url">With the token in its query: a secret until it expires.</param>
/// <param name="Expires">When it can no longer be used to connect.</param>
public sealed record SocketAddress(Uri Url, DateTimeOffset Expires);
