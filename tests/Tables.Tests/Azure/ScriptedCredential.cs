using Azure.Core;

namespace ServerlessSync.Tables.Tests.Azure;

/// <summary>An identity whose token succeeds or fails as a test decides.</summary>
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
