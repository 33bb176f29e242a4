using Microsoft.AspNetCore.Http;

namespace ServerlessSync.Api.Users;

/// <summary>Finds out which person makes a request.</summary>
public interface IUserAuthenticator
{
    /// <summary>What a client that is refused is told about the scheme to use: the value of <c>WWW-Authenticate</c>.</summary>
    string Challenge { get; }

    /// <summary>Judges the <c>Authorization</c> header.</summary>
    ValueTask<UserVerdict> AuthenticateAsync(IHeaderDictionary headers, CancellationToken cancellationToken);
}

/// <summary>Who makes a request.</summary>
public abstract record UserVerdict
{
    private UserVerdict() { }

    /// <summary>This user, named as grants and other people see it.</summary>
    public sealed record Known(string User) : UserVerdict;

    /// <summary>Nobody in particular, for this reason: 401.</summary>
    public sealed record Refused(string Reason) : UserVerdict;

    /// <summary>It cannot be told now: 503.</summary>
    public sealed record Unavailable(string Reason) : UserVerdict;
}
