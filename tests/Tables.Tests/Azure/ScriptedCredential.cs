using Azure.Core;

namespace ServerlessSync.Tables.Tests.Azure;

/// <summary>An identity whose token is given, or not, as a test says.</summary>
internal sealed class ScriptedCredential(Func<CancellationToken, Task> onToken) : TokenCredential
{
    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public override async ValueTask<AccessToken> GetTokenAsync(
        TokenRequestContext requestContext,
        CancellationToken cancellationToken
    )
    {
        await onToken(cancellationToken);
        return new AccessToken("token", DateTimeOffset.MaxValue);
    }
}
