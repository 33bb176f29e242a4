using Microsoft.IdentityModel.JsonWebTokens;

namespace ServerlessSync.PubSubEmulator.Tokens;

/// <summary>The identity of a client: the contents of its token, or nothing for an anonymous client.</summary>
/// <param name="IsAnonymous">Whether there was no token.</param>
/// <param name="UserId">The claim <c>sub</c>.</param>
/// <param name="Roles">The claims <c>role</c>.</param>
/// <param name="Groups">The claims <c>webpubsub.group</c>: joined at connect.</param>
/// <param name="Claims">All claims as the connect event shows them.</param>
internal sealed record ClientIdentity(
    bool IsAnonymous,
    string? UserId,
    IReadOnlyList<string> Roles,
    IReadOnlyList<string> Groups,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Claims
)
{
    // The service renames `sub` to this (measured), so that handlers reading claims.sub fail here too.
    private const string SubjectClaim = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier";

    /// <summary>A client without a token.</summary>
    public static readonly ClientIdentity Anonymous = new(
        IsAnonymous: true,
        UserId: null,
        [],
        [],
        new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
    );

    /// <summary>The contents of a validated token.</summary>
    public static ClientIdentity Of(JsonWebToken token)
    {
        var claims = token
            .Claims.GroupBy(claim => claim.Type, StringComparer.Ordinal)
            .ToDictionary(
                group => group.Key,
                group => (IReadOnlyList<string>)[.. group.Select(claim => claim.Value)],
                StringComparer.Ordinal
            );
        var roles = claims.GetValueOrDefault("role", []);
        var groups = claims.GetValueOrDefault("webpubsub.group", []);
        var user = claims.Remove("sub", out var subjects) ? subjects[0] : null;
        if (subjects is not null)
        {
            claims[SubjectClaim] = subjects;
        }

        return new ClientIdentity(IsAnonymous: false, string.IsNullOrEmpty(user) ? null : user, roles, groups, claims);
    }
}
