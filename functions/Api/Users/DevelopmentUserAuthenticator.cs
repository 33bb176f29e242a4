using Microsoft.AspNetCore.Http;
using ServerlessSync.Core.Presence;

namespace ServerlessSync.Api.Users;

/// <summary>
/// Believes the name in <c>Authorization: Development NAME</c>. For a server that listens on one machine and has no identity provider; no
/// host offers it in Azure.
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
                : new UserVerdict.Refused("the header 'Authorization: Development NAME' is missing, or its name cannot be used")
        );
    }
}
