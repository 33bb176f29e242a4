using Microsoft.AspNetCore.Http;

namespace ServerlessSync.WebPubSub.Callers;

/// <summary>Tells whether a request to the event handler comes from our Web PubSub resource.</summary>
public interface ICallerAuthenticator
{
    /// <summary>Judges a request by its headers. A bad request is an answer, never an exception.</summary>
    ValueTask<CallerVerdict> AuthenticateAsync(IHeaderDictionary headers, CancellationToken cancellationToken);
}
