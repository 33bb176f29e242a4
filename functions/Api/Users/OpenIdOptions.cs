namespace ServerlessSync.Api.Users;

/// <summary>The OpenID Connect provider whose tokens name people.</summary>
/// <param name="Issuer">The <c>iss</c> of its tokens, exactly; an https URL. Its metadata is below it at <c>.well-known/openid-configuration</c>.</param>
/// <param name="Audience">The <c>aud</c> that tokens for this API have.</param>
public sealed record OpenIdOptions(Uri Issuer, string Audience)
{
    /// <summary>
    /// The claim that names the person, as grants and other people see it. <c>preferred_username</c> is readable, and safe with a provider
    /// of one organisation; where names can be chosen or given to somebody else later (several tenants, guests), use <c>oid</c> or <c>sub</c>.
    /// </summary>
    public string NameClaim { get; init; } = "preferred_username";

    /// <summary>Where the provider's keys are found.</summary>
    public string MetadataAddress => $"{Issuer.AbsoluteUri.TrimEnd('/')}/.well-known/openid-configuration";

    /// <summary>What is wrong with the options, one sentence each that begins with the option's name; empty when they can be used.</summary>
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
