using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace ServerlessSync.WebPubSub.Callers;

/// <summary>
/// Checks the bearer token of the resource's managed identity: signature by a key of the tenant, issuer (v1 or v2),
/// audience, lifetime, and the object id of our own resource.
/// </summary>
public sealed partial class EntraCallerAuthenticator : ICallerAuthenticator
{
    /// <summary>The longest token in bytes; that of a managed identity has about 1,500.</summary>
    public const int TokenBytesMax = 16 * 1024;

    /// <summary>The allowed difference between the clocks of Entra and this machine; the customary value.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private const string Scheme = "Bearer ";
    private readonly EntraCallerOptions options;
    private readonly IConfigurationManager<OpenIdConnectConfiguration> keys;
    private readonly TimeProvider time;
    private readonly ILogger<EntraCallerAuthenticator> logger;

    // Keep the claim names of the token.
    private readonly JsonWebTokenHandler handler = new()
    {
        MapInboundClaims = false,
        MaximumTokenSizeInBytes = TokenBytesMax,
    };

    /// <summary>Checks tokens with the signing keys that <paramref name="keys"/> fetches and caches.</summary>
    /// <exception cref="InvalidOperationException">An id of <paramref name="options"/> is missing.</exception>
    public EntraCallerAuthenticator(
        EntraCallerOptions options,
        IConfigurationManager<OpenIdConnectConfiguration> keys,
        TimeProvider time,
        ILogger<EntraCallerAuthenticator> logger
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(logger);
        options.ThrowIfIncomplete();
        this.options = options;
        this.keys = keys;
        this.time = time;
        this.logger = logger;
    }

    /// <summary>The keys of a tenant, fetched with <paramref name="client"/> and cached for hours.</summary>
    public static IConfigurationManager<OpenIdConnectConfiguration> KeysOf(
        EntraCallerOptions options,
        HttpClient client
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        return new ConfigurationManager<OpenIdConnectConfiguration>(
            options.MetadataAddress,
            new OpenIdConnectConfigurationRetriever(),
            new HttpDocumentRetriever(client)
        );
    }

    /// <inheritdoc/>
    public async ValueTask<CallerVerdict> AuthenticateAsync(
        IHeaderDictionary headers,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(headers);
        var header = headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || header.Length > TokenBytesMax)
        {
            return new CallerVerdict.Refused("the bearer token is missing or too long");
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
            return new CallerVerdict.Unavailable("the signing keys cannot be fetched");
        }

        var token = header[Scheme.Length..].Trim();
        return Judge(await handler.ValidateTokenAsync(token, Parameters(configuration)));
    }

    private CallerVerdict Judge(TokenValidationResult result)
    {
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException)
        {
            // Entra may have rotated its keys. They are refreshed in the background; a 401 would drop the client meanwhile,
            // so the service is asked to retry.
            keys.RequestRefresh();
            return new CallerVerdict.Unavailable("the token is signed by a key that is not known yet");
        }

        if (!result.IsValid)
        {
            return new CallerVerdict.Refused($"the bearer token is not valid ({result.Exception?.GetType().Name})");
        }

        return
            result.Claims.TryGetValue("oid", out var oid)
            && Guid.TryParse(oid as string, out var caller)
            && caller == options.Caller
            ? CallerVerdict.Trusted
            : new CallerVerdict.Refused("the bearer token belongs to another identity");
    }

    private TokenValidationParameters Parameters(OpenIdConnectConfiguration configuration) =>
        new()
        {
            // Entra signs only with this algorithm. Naming it rules out "none" and keys used with another algorithm.
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            IssuerSigningKeys = configuration.SigningKeys,
            // Trying every key would hide that the token names an unknown one.
            TryAllIssuerSigningKeys = false,
            ValidIssuers = options.Issuers,
            ValidAudiences = options.Audiences,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            LifetimeValidator = IsInTime,
        };

    // The handler's own check reads the machine's clock.
    private bool IsInTime(
        DateTime? notBefore,
        DateTime? expires,
        SecurityToken token,
        TokenValidationParameters parameters
    )
    {
        var now = time.GetUtcNow().UtcDateTime;
        return expires is { } end && now < end + ClockSkew && (notBefore is not { } start || now >= start - ClockSkew);
    }

    [LoggerMessage(2101, LogLevel.Error, "The signing keys of the event handler's callers cannot be fetched.")]
    private partial void LogNoKeys(Exception exception);
}
