using Microsoft.AspNetCore.Http;

namespace ServerlessSync.WebPubSub.Callers;

/// <summary>Authenticates the callers of the event handler as our Web PubSub resource.</summary>
public interface ICallerAuthenticator
{
    /// <summary>Checks a request by its headers. An invalid request is an outcome, never an exception.</summary>
    ValueTask<CallerVerdict> AuthenticateAsync(IHeaderDictionary headers, CancellationToken cancellationToken);
}
