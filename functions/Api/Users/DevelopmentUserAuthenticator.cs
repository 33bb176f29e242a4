using Microsoft.AspNetCore.Http;
using ServerlessSync.Core.Presence;

namespace ServerlessSync.Api.Users;

/// <summary>
/// Trusts the name in <c>Authorization: Development NAME</c>. For a server on a developer's machine without an identity
/// provider; no host in Azure offers it.
/// </summary>
public sealed class DevelopmentUserAuthenticator : IUserAuthenticator
{
    private const string Scheme = "Development ";

    /// <inheritdoc/>
    public string Challenge => "Development realm=\"any name\"";

    /// <inheritdoc/>
    public ValueTask<UserVerdict> AuthenticateAsync(IHeaderDictionary headers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(headers);
        var header = headers.Authorization.ToString();
        var user = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : string.Empty;
        return ValueTask.FromResult<UserVerdict>(
            PresenceLimits.IsUserName(user)
                ? new UserVerdict.Known(user)
                : new UserVerdict.Refused("the header 'Authorization: Development NAME' is missing or holds an invalid name")
        );
    }
}
