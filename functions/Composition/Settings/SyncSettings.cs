using ServerlessSync.Api.Http;
using ServerlessSync.Core.History;
using ServerlessSync.WebPubSub.Callers;
using ServerlessSync.WebPubSub.EventHandling;

namespace ServerlessSync.Composition.Settings;

/// <summary>
/// All settings, from the section <c>Sync</c> of the configuration. <see cref="SettingsReader"/> reads and checks them.
/// </summary>
public sealed record SyncSettings : SettingsSection
{
    /// <summary>The storage of the tables.</summary>
    public TableSettings Tables { get; init; } = new();

    /// <summary>The service that holds the sockets.</summary>
    public WebPubSubSettings WebPubSub { get; init; } = new();

    /// <summary>The identities that may call the event handler.</summary>
    public EventHandlerSettings EventHandler { get; init; } = new();

    /// <summary>The sign-in of users.</summary>
    public NegotiateSettings Negotiate { get; init; } = new();

    /// <summary>The export of telemetry.</summary>
    public TelemetrySettings Telemetry { get; init; } = new();

    /// <summary>The rate limits of connections and users.</summary>
    public LimitSettings Limits { get; init; } = new();

    /// <summary>The destination of scheduled archives.</summary>
    public ArchiveSettings Archives { get; init; } = new();

    /// <summary>Days for which history can be read and restored: 7 to 36,500, or 0 for unlimited. Default 90.</summary>
    public int? HistoryDays { get; init; }

    /// <summary>Whether a connection without a token may log in under any name.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>
    /// The users, as their tokens name them, who may choose the ids of projects; <c>*</c> for all users. Empty for none.
    /// </summary>
    public IReadOnlyList<string> Administrators { get; init; } = [];

    /// <summary>
    /// The origins of pages that may connect and call the API, as <c>https://host[:port]</c>. Empty: any page may connect, none
    /// may call the API.
    /// </summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    internal ProjectApiOptions ProjectApi =>
        new() { Administrators = Administrators.Contains("*", StringComparer.Ordinal) ? null : Administrators.ToHashSet(StringComparer.Ordinal) };

    internal RetentionOptions Retention => RetentionOptions.OfDays(HistoryDays);

    /// <summary>How the event handler authenticates Web PubSub. No setting admits every caller.</summary>
    internal CallerAuthenticationOptions Callers =>
        new() { AccessKeys = WebPubSub.Connection is { } connection ? [connection.Key] : [], Entra = EventHandler.Entra };

    /// <summary>The hub and hosts whose events the event handler accepts.</summary>
    /// <param name="allowsThisMachine">As <see cref="HostParts.AllowsThisMachine"/>.</param>
    internal EventEndpointOptions Events(bool allowsThisMachine = false) =>
        new(WebPubSub.HubName, EventEndpointOptions.HostsOf(WebPubSub.Address), AllowedOrigins) { AllowsThisMachine = allowsThisMachine };

    internal override IEnumerable<string> Problems(string path)
    {
        string[] sections =
        [
            .. Tables.Problems($"{path}{nameof(Tables)}__"),
            .. WebPubSub.Problems($"{path}{nameof(WebPubSub)}__"),
            .. EventHandler.Problems($"{path}{nameof(EventHandler)}__"),
            .. Negotiate.Problems($"{path}{nameof(Negotiate)}__"),
            .. Limits.Problems($"{path}{nameof(Limits)}__"),
            .. Archives.Problems($"{path}{nameof(Archives)}__"),
            .. Telemetry.Problems($"{path}{nameof(Telemetry)}__"),
            .. ProblemOf(path + nameof(HistoryDays), () => _ = Retention),
        ];
        // Options that combine several sections are checked only when each section is valid.
        return sections.Length > 0
            ? sections
            : [.. ProblemOf(path + nameof(AllowedOrigins), () => _ = Events()), .. ProblemOf(path + nameof(EventHandler), Callers.ThrowIfUnsafe)];
    }
}
