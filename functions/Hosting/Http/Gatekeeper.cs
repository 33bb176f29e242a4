using System.Globalization;
using Microsoft.AspNetCore.Http;
using ServerlessSync.Core.Gateway;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Storage;
using ServerlessSync.Hosting.Users;

namespace ServerlessSync.Hosting.Http;

/// <summary>Lets a request in under the name of its user, and turns what fails on the way into an answer.</summary>
internal sealed class Gatekeeper(IUserAuthenticator? users)
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
            return Answers.Problem(StatusCodes.Status404NotFound, "No identity provider is configured, so nobody can sign in here.");
        }

        try
        {
            switch (await users.AuthenticateAsync(context.Request.Headers, context.RequestAborted))
            {
                case UserVerdict.Known known:
                    return await serve(known.User);
                case UserVerdict.Unavailable unavailable:
                    return Answers.Problem(StatusCodes.Status503ServiceUnavailable, unavailable.Reason);
                case UserVerdict.Refused refused:
                    context.Response.Headers.WWWAuthenticate = users.Challenge;
                    return Answers.Problem(StatusCodes.Status401Unauthorized, refused.Reason);
                default:
                    throw new InvalidOperationException("An unknown verdict.");
            }
        }
        catch (Exception exception) when (exception is StorageException or GatewayException)
        {
            // The observer and the host's own log have the details, which are not for everybody.
            return Answers.Problem(StatusCodes.Status503ServiceUnavailable, "This cannot be done now; try again.");
        }
    }
}
