using Microsoft.AspNetCore.Http;

namespace ServerlessSync.WebPubSub.Callers;

/// <summary>Accepts every caller. For development only: any client that reaches the port can act as any user.</summary>
internal sealed class AnyCallerAuthenticator : ICallerAuthenticator
{
    public ValueTask<CallerVerdict> AuthenticateAsync(IHeaderDictionary headers, CancellationToken cancellationToken) =>
        ValueTask.FromResult(CallerVerdict.Trusted);
}
