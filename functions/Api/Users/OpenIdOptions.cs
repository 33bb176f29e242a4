namespace ServerlessSync.Api.Users;

/// <summary>The OpenID Connect provider that issues the tokens of users.</summary>
/// <param name="Issuer">The <c>iss</c> of its tokens, exactly; an https URL. The metadata is below it at
/// <c>.well-known/openid-configuration</c>.</param>
/// <param name="Audience">The <c>aud</c> of tokens for this API.</param>
public sealed record OpenIdOptions(Uri Issuer, string Audience)
{
    /// <summary>
    /// The claim that names the user in access lists and to other users. <c>preferred_username</c> is readable, and safe
    /// with the provider of one organisation. Where names can be chosen or reassigned (several tenants, guests), use
    /// <c>oid</c> or <c>sub</c>.
    /// </summary>
    public string NameClaim { get; init; } = "preferred_username";

    /// <summary>The address of the provider's metadata, which names its signing keys.</summary>
    public string MetadataAddress => $"{Issuer.AbsoluteUri.TrimEnd('/')}/.well-known/openid-configuration";

    /// <summary>
    /// The problems of the options, one sentence each that begins with the option's name; empty when they are valid.
    /// </summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (!Issuer.IsAbsoluteUri || !string.Equals(Issuer.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal))
        {
            problems.Add($"{nameof(Issuer)} is '{Issuer}': needs an https URL.");
        }

        if (string.IsNullOrWhiteSpace(Audience))
        {
            problems.Add($"{nameof(Audience)} is empty: needs the audience of this API's tokens.");
        }

        if (string.IsNullOrWhiteSpace(NameClaim))
        {
            problems.Add($"{nameof(NameClaim)} is empty: needs the name of a claim, such as preferred_username or oid.");
        }

        return problems;
    }
}
