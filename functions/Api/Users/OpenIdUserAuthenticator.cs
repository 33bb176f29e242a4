using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using ServerlessSync.Core.Presence;

namespace ServerlessSync.Api.Users;

/// <summary>
/// Checks a user's bearer token: signature by a key of the provider, issuer, audience, lifetime, and the claim that names
/// the user.
/// </summary>
public sealed partial class OpenIdUserAuthenticator : IUserAuthenticator
{
    /// <summary>The longest token in bytes. Tokens with many groups reach about 10 KiB; Kestrel takes 32 KiB of headers.</summary>
    public const int TokenBytesMax = 16 * 1024;

    /// <summary>The allowed difference between the clocks of the provider and this machine; the customary value.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private const string Scheme = "Bearer ";

    private readonly OpenIdOptions options;
    private readonly IConfigurationManager<OpenIdConnectConfiguration> keys;
    private readonly TimeProvider time;
    private readonly ILogger<OpenIdUserAuthenticator> logger;

    // Keep the claim names of the token.
    private readonly JsonWebTokenHandler handler = new()
    {
        MapInboundClaims = false,
        MaximumTokenSizeInBytes = TokenBytesMax,
    };

    /// <summary>Checks tokens with the signing keys that <paramref name="keys"/> fetches and caches.</summary>
    /// <exception cref="InvalidOperationException">The options are invalid; the message says why.</exception>
    public OpenIdUserAuthenticator(
        OpenIdOptions options,
        IConfigurationManager<OpenIdConnectConfiguration> keys,
        TimeProvider time,
        ILogger<OpenIdUserAuthenticator> logger
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Problems() is [_, ..] problems)
        {
            throw new InvalidOperationException(string.Join(' ', problems));
        }

        this.options = options;
        this.keys = keys;
        this.time = time;
        this.logger = logger;
    }

    /// <inheritdoc/>
    public string Challenge => "Bearer";

    /// <summary>The provider's keys, fetched with <paramref name="client"/> and cached for hours.</summary>
    public static IConfigurationManager<OpenIdConnectConfiguration> KeysOf(OpenIdOptions options, HttpClient client)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new ConfigurationManager<OpenIdConnectConfiguration>(
            options.MetadataAddress,
            new OpenIdConnectConfigurationRetriever(),
            new HttpDocumentRetriever(client)
        );
    }

    /// <inheritdoc/>
    public async ValueTask<UserVerdict> AuthenticateAsync(IHeaderDictionary headers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(headers);
        var header = headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || header.Length > TokenBytesMax)
        {
            return new UserVerdict.Refused("the bearer token is missing or too long");
        }

        OpenIdConnectConfiguration configuration;
        try
        {
            configuration = await keys.GetConfigurationAsync(cancellationToken);
        }
        catch (Exception exception)
            when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // The manager wraps every kind of network failure, so there is no single type to catch.
            LogNoKeys(exception);
            return new UserVerdict.Unavailable("the signing keys of the identity provider cannot be fetched");
        }

        var token = header[Scheme.Length..].Trim();
        return Judge(await handler.ValidateTokenAsync(token, Parameters(configuration)), token);
    }

    private UserVerdict Judge(TokenValidationResult result, string token)
    {
        if (!result.IsValid && TokenFault.Of(result.Exception, token, options) is { } fault)
        {
            return new UserVerdict.Refused(fault);
        }

        if (result.Exception is SecurityTokenSignatureKeyNotFoundException)
        {
            // The provider may have rotated its keys. The refresh runs in the background; a retry finds the new keys.
            keys.RequestRefresh();
            return new UserVerdict.Unavailable("the token is signed by a key that is not known yet");
        }

        if (!result.IsValid)
        {
            return new UserVerdict.Refused($"the bearer token is not valid ({result.Exception?.GetType().Name})");
        }

        return result.Claims.TryGetValue(options.NameClaim, out var claim) && claim is string user && PresenceLimits.IsUserName(user)
            ? new UserVerdict.Known(user)
            : new UserVerdict.Refused($"the bearer token has no usable claim '{options.NameClaim}'");
    }

    private TokenValidationParameters Parameters(OpenIdConnectConfiguration configuration) =>
        new()
        {
            ValidIssuer = options.Issuer.OriginalString,
            ValidAudience = options.Audience,
            IssuerSigningKeys = configuration.SigningKeys,
            // Trying every key would hide that the token names an unknown one.
            TryAllIssuerSigningKeys = false,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256],
            ClockSkew = ClockSkew,
            LifetimeValidator = IsAlive,
        };

    /// <summary>Uses the injected clock instead of the machine's.</summary>
    private bool IsAlive(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return expires > now - ClockSkew && (notBefore is null || notBefore < now + ClockSkew);
    }

    [LoggerMessage(1, LogLevel.Error, "The signing keys of the identity provider cannot be fetched")]
    private partial void LogNoKeys(Exception exception);
}
