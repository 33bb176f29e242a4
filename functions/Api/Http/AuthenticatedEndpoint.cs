using System.Globalization;
using Microsoft.AspNetCore.Http;
using ServerlessSync.Api.Users;
using ServerlessSync.Core.Limits;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Api.Http;

/// <summary>
/// Authenticates the user, applies the user's rate limits, calls the endpoint, and turns failures into problem details.
/// </summary>
internal sealed class AuthenticatedEndpoint(IUserAuthenticator users, ApiLimiter limiter)
{
    public async Task ServeAsync(HttpContext context, Func<string, Task<IResult>> serve)
    {
        context.Response.Headers.CacheControl = "no-store";
        var result = await AnswerAsync(context, serve);
        if (result is IStatusCodeHttpResult { StatusCode: StatusCodes.Status503ServiceUnavailable })
        {
            context.Response.Headers.RetryAfter = LoadingGate.RetryAfter.TotalSeconds.ToString("F0", CultureInfo.InvariantCulture);
        }

        await result.ExecuteAsync(context);
    }

    private async Task<IResult> AnswerAsync(HttpContext context, Func<string, Task<IResult>> serve)
    {
        // A missing token is refused for free. A token that turns out to be invalid costs a signature check, so only those
        // count.
        var address = context.Request.Headers.Authorization.Count > 0 ? ClientAddress.Of(context) : null;
        if (address is not null && limiter.CheckAddress(address) is LimitVerdict.Refused tooMany)
        {
            return ProblemResults.TooMany(context, tooMany);
        }

        try
        {
            switch (await users.AuthenticateAsync(context.Request.Headers, context.RequestAborted))
            {
                case UserVerdict.Known known:
                    return limiter.TakeCall(known.User) is LimitVerdict.Refused tooSoon
                        ? ProblemResults.TooMany(context, tooSoon)
                        : await serve(known.User);
                case UserVerdict.Unavailable unavailable:
                    return ProblemResults.Problem(StatusCodes.Status503ServiceUnavailable, unavailable.Reason);
                case UserVerdict.NotConfigured missing:
                    return ProblemResults.Problem(StatusCodes.Status501NotImplemented, missing.Reason);
                case UserVerdict.Refused refused:
                    if (address is not null)
                    {
                        limiter.CountRefusal(address);
                    }

                    context.Response.Headers.WWWAuthenticate = users.Challenge;
                    return ProblemResults.Problem(StatusCodes.Status401Unauthorized, refused.Reason);
                default:
                    throw new InvalidOperationException("An unknown verdict.");
            }
        }
        catch (BadHttpRequestException exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            return ProblemResults.Problem(exception.StatusCode, "The request cannot be read to its end.");
        }
        catch (Exception exception) when (exception is StorageException or GatewayException)
        {
            // The observer and the host's log hold the details, which anonymous callers must not see.
            return ProblemResults.Problem(StatusCodes.Status503ServiceUnavailable, "This cannot be done now; try again.");
        }
    }
}
