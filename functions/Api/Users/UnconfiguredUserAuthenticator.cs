using Microsoft.AspNetCore.Http;

namespace ServerlessSync.Api.Users;

/// <summary>Stands in for an identity provider that is not configured yet: says so to every request.</summary>
/// <param name="reason">What is missing. Anonymous callers see it, so it holds names of settings but no values.</param>
public sealed class UnconfiguredUserAuthenticator(string reason) : IUserAuthenticator
{
    private readonly UserVerdict verdict = new UserVerdict.NotConfigured(reason);

    /// <inheritdoc/>
    public string Challenge => "Bearer";

    /// <inheritdoc/>
    public ValueTask<UserVerdict> AuthenticateAsync(IHeaderDictionary headers, CancellationToken cancellationToken) =>
        ValueTask.FromResult(verdict);
}
