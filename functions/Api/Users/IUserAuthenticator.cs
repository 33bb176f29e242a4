using Microsoft.AspNetCore.Http;

namespace ServerlessSync.Api.Users;

/// <summary>Authenticates the user of a request.</summary>
public interface IUserAuthenticator
{
    /// <summary>The value of <c>WWW-Authenticate</c> in a refusal: the scheme that a client has to use.</summary>
    string Challenge { get; }

    /// <summary>Checks the <c>Authorization</c> header.</summary>
    ValueTask<UserVerdict> AuthenticateAsync(IHeaderDictionary headers, CancellationToken cancellationToken);
}

/// <summary>The outcome of authenticating a request.</summary>
public abstract record UserVerdict
{
    private UserVerdict() { }

    /// <summary>Authenticated: the user, by the name that access lists and other users see.</summary>
    public sealed record Known(string User) : UserVerdict;

    /// <summary>Not authenticated, for this reason: 401.</summary>
    public sealed record Refused(string Reason) : UserVerdict;

    /// <summary>The check is not possible now: 503.</summary>
    public sealed record Unavailable(string Reason) : UserVerdict;

    /// <summary>
    /// No check is possible until an operator configures it: 501. Not 503, which asks clients to repeat the request and tells
    /// monitors of an outage, while waiting changes nothing.
    /// </summary>
    public sealed record NotConfigured(string Reason) : UserVerdict;
}
