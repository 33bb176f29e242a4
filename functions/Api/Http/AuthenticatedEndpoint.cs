using System.Globalization;
using Microsoft.AspNetCore.Http;
using ServerlessSync.Api.Users;
using ServerlessSync.Core.Limits;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Api.Http;

/// <summary>Lets a request in under the name of its user, as often as the user may ask, and turns what fails on the way into an answer.</summary>
internal sealed class AuthenticatedEndpoint(IUserAuthenticator? users, ApiLimiter limiter)
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
        if (users is null)
        {
            return ProblemResults.Problem(StatusCodes.Status404NotFound, "No identity provider is configured, so nobody can sign in here.");
        }

        // Who shows no token costs nothing; of those that are not accepted, each costs a check of a signature.
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
            // The observer and the host's own log have the details, which are not for everybody.
            return ProblemResults.Problem(StatusCodes.Status503ServiceUnavailable, "This cannot be done now; try again.");
        }
    }
}
