using Microsoft.AspNetCore.Http;
using ServerlessSync.Api.Users;
using ServerlessSync.Core.Limits;

namespace ServerlessSync.Api.Http;

/// <summary>
/// <c>POST /api/negotiate</c>: the address of a socket for the signed-in user, with a short-lived token that names the
/// user. Answers 200 <c>{"url","expires","user"}</c>, or 401, 429, 501 (sign-in is not
/// configured), 503 as problem details.
/// </summary>
public sealed class NegotiateEndpoint
{
    private readonly ApiCors cors;
    private readonly AuthenticatedEndpoint endpoint;
    private readonly Func<string, CancellationToken, Task<SocketAddress>> createAddress;

    /// <summary>Creates the endpoint.</summary>
    /// <param name="cors">The pages that may call.</param>
    /// <param name="users">Authenticates requests.</param>
    /// <param name="limiter">How often a user may call.</param>
    /// <param name="createAddress">Creates the address of a socket for a user.</param>
    public NegotiateEndpoint(
        ApiCors cors,
        IUserAuthenticator users,
        ApiLimiter limiter,
        Func<string, CancellationToken, Task<SocketAddress>> createAddress
    )
    {
        this.cors = cors;
        endpoint = new AuthenticatedEndpoint(users, limiter);
        this.createAddress = createAddress;
    }

    /// <summary>Handles a request.</summary>
    public Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return cors.ServeAsync(context, AuthenticateAsync);
    }

    private Task AuthenticateAsync(HttpContext context) =>
        endpoint.ServeAsync(
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

/// <summary>Where to connect to.</summary>
/// <param name="Url">The URL. Its query holds the token, so it is a secret until it expires.</param>
/// <param name="Expires">When the URL stops being usable to connect.</param>
public sealed record SocketAddress(Uri Url, DateTimeOffset Expires);
