using Microsoft.Extensions.Configuration;
using ServerlessSync.Core.History;
using ServerlessSync.Hosting.Users;
using ServerlessSync.WebPubSub.Callers;
using ServerlessSync.WebPubSub.EventHandling;
using ServerlessSync.WebPubSub.Gateway;

namespace ServerlessSync.App;

/// <summary>The section <c>Sync</c> of the app settings; README.md lists the names.</summary>
internal sealed class AppSettings
{
    public const string Section = "Sync";

    public ServiceSettings Tables { get; init; } = new();

    public WebPubSubSettings WebPubSub { get; init; } = new();

    public CallerSettings EventHandler { get; init; } = new();

    public NegotiateSettings Negotiate { get; init; } = new();

    /// <summary>Days for which what people have done can be read and gone back to; 0 for ever, 90 unless set.</summary>
    public int? HistoryDays { get; init; }

    public RetentionOptions Retention => RetentionOptions.OfDays(HistoryDays);

    /// <summary>Whether a connection without a token may log in under a name of its own choice.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>Pages that may connect, as <c>https://host[:port]</c>; none for any.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Reads and checks the settings.</summary>
    /// <exception cref="InvalidOperationException">The process must not start: a setting is missing, or strangers would be let in.</exception>
    public static AppSettings Read(IConfiguration configuration)
    {
        var settings = configuration.GetSection(Section).Get<AppSettings>() ?? new AppSettings();
        settings.Tables.ThrowIfNotOneOfBoth($"{Section}:{nameof(Tables)}");
        settings.WebPubSub.ThrowIfNotOneOfBoth($"{Section}:{nameof(WebPubSub)}");
        settings.Callers().ThrowIfUnsafe();
        _ = settings.Events();
        settings.Negotiate.ThrowIfIncomplete();
        _ = settings.Retention;
        return settings;
    }

    /// <summary>How the event handler tells Web PubSub from strangers. Nothing here can let everybody in.</summary>
    public CallerAuthenticationOptions Callers() =>
        new()
        {
            AccessKeys = WebPubSub.Connection is { } connection ? [connection.Key] : [],
            Entra = EventHandler.ToOptions(),
        };

    /// <summary>Whose events the event handler takes.</summary>
    public EventEndpointOptions Events() =>
        new(
            HubName.Parse(WebPubSub.Hub),
            EventEndpointOptions.HostsOf(WebPubSub.Connection?.Endpoint ?? WebPubSub.Endpoint!),
            AllowedOrigins
        );

    /// <summary>A service, reached either with the identity of this app or, on a development machine, with a key.</summary>
    internal class ServiceSettings
    {
        public Uri? Endpoint { get; init; }

        public string? ConnectionString { get; init; }

        internal void ThrowIfNotOneOfBoth(string name)
        {
            if (Endpoint is null == string.IsNullOrWhiteSpace(ConnectionString))
            {
                throw new InvalidOperationException($"Set either {name}:Endpoint or {name}:ConnectionString.");
            }
        }
    }

    /// <summary>The Web PubSub resource and the hub in it.</summary>
    internal sealed class WebPubSubSettings : ServiceSettings
    {
        public string Hub { get; init; } = "sync";

        internal ServiceConnectionString? Connection =>
            string.IsNullOrWhiteSpace(ConnectionString) ? null : ServiceConnectionString.Parse(ConnectionString);
    }

    /// <summary>The identity provider of the people who negotiate and manage projects; issuer and audience, or neither.</summary>
    internal sealed class NegotiateSettings
    {
        public Uri? Issuer { get; init; }

        public string Audience { get; init; } = string.Empty;

        public string NameClaim { get; init; } = "preferred_username";

        internal OpenIdOptions? ToOptions() =>
            Issuer is null ? null : new OpenIdOptions(Issuer, Audience) { NameClaim = NameClaim };

        internal void ThrowIfIncomplete()
        {
            if (Issuer is null && Audience.Length > 0)
            {
                throw new InvalidOperationException($"Set {Section}:{nameof(Negotiate)}:{nameof(Issuer)} too, or no {nameof(Audience)}.");
            }

            if (ToOptions()?.Problems() is [_, ..] problems)
            {
                throw new InvalidOperationException($"{Section}:{nameof(Negotiate)}: {string.Join(' ', problems)}");
            }
        }
    }

    /// <summary>Ids of the token that Web PubSub presents; all or none.</summary>
    internal sealed class CallerSettings
    {
        public Guid Tenant { get; init; }

        public Guid Audience { get; init; }

        public Guid Caller { get; init; }

        internal EntraCallerOptions? ToOptions() =>
            (Tenant, Audience, Caller) == default ? null : new EntraCallerOptions(Tenant, Audience, Caller);
    }
}
