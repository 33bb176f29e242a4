using ServerlessSync.Api.Users;

namespace ServerlessSync.Composition.Settings;

/// <summary>The OpenID Connect provider that authenticates users of the HTTP API: issuer and audience, or neither.</summary>
public sealed record NegotiateSettings : SettingsSection
{
    /// <summary>The <c>iss</c> claim of its tokens, exactly.</summary>
    public Uri? Issuer { get; init; }

    /// <summary>The <c>aud</c> claim of tokens for this API.</summary>
    public string Audience { get; init; } = string.Empty;

    /// <summary>The claim that names a user in access lists and to other users.</summary>
    public string NameClaim { get; init; } = "preferred_username";

    /// <summary>What an operator has to set before people can sign in. Anonymous callers see it.</summary>
    internal static string Missing { get; } =
        $"Sign-in is not configured: set {Name(nameof(Issuer))} and {Name(nameof(Audience))}, with azd SYNC_TOKEN_ISSUER and SYNC_TOKEN_AUDIENCE, "
        + "to an OpenID Connect provider and the audience of its tokens for this API. See docs/operations.md.";

    internal OpenIdOptions? OpenId => Issuer is null ? null : new OpenIdOptions(Issuer, Audience) { NameClaim = NameClaim };

    internal override IEnumerable<string> Problems(string path)
    {
        if (Issuer is null && Audience.Length > 0)
        {
            return [$"{path}{nameof(Issuer)} is not set, but {path}{nameof(Audience)} is: set both or neither."];
        }

        return OpenId?.Problems().Select(problem => path + problem) ?? [];
    }

    private static string Name(string setting) =>
        string.Join(SettingsSchema.Separator, SettingsReader.Section, nameof(SyncSettings.Negotiate), setting);
}
