using Microsoft.AspNetCore.Http;

namespace ServerlessSync.WebPubSub.Callers;

/// <summary>Accepts everybody. For development: whoever reaches the port can speak for every user.</summary>
internal sealed class AnyCallerAuthenticator : ICallerAuthenticator
{
    public ValueTask<CallerVerdict> AuthenticateAsync(IHeaderDictionary headers, CancellationToken cancellationToken) =>
        ValueTask.FromResult(CallerVerdict.Trusted);
}
