using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace ServerlessSync.WebPubSub.Callers;

/// <summary>Creates the authenticator of the event handler's callers from the options.</summary>
public static class CallerAuthentication
{
    /// <summary>Creates the authenticator.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="keysOf">
    /// Gives the signing keys of a tenant; see <see cref="EntraCallerAuthenticator.KeysOf"/>. Called at most once.
    /// </param>
    /// <param name="time">The clock for token times.</param>
    /// <param name="loggers">Creates the log for failures to fetch keys.</param>
    /// <exception cref="InvalidOperationException">The configuration would leave the event handler open; the process must
    /// not start.</exception>
    public static ICallerAuthenticator Create(
        CallerAuthenticationOptions options,
        Func<EntraCallerOptions, IConfigurationManager<OpenIdConnectConfiguration>> keysOf,
        TimeProvider time,
        ILoggerFactory loggers
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(keysOf);
        options.ThrowIfUnsafe();
        var checks = new List<ICallerAuthenticator>();
        if (options.Entra is { } entra)
        {
            var logger = loggers.CreateLogger<EntraCallerAuthenticator>();
            checks.Add(new EntraCallerAuthenticator(entra, keysOf(entra), time, logger));
        }

        if (options.AccessKeys.Count > 0)
        {
            checks.Add(new AccessKeyCallerAuthenticator(options.AccessKeys));
        }

        return checks switch
        {
            [] => new AnyCallerAuthenticator(),
            [var only] => only,
            _ => new CompositeCallerAuthenticator(checks),
        };
    }
}
