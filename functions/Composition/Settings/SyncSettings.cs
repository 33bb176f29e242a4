using ServerlessSync.Api.Http;
using ServerlessSync.Core.History;
using ServerlessSync.WebPubSub.Callers;
using ServerlessSync.WebPubSub.EventHandling;

namespace ServerlessSync.Composition.Settings;

/// <summary>Everything that can be set, in the section <c>Sync</c> of the configuration. Read and checked by <see cref="SettingsReader"/>.</summary>
public sealed record SyncSettings : SettingsSection
{
    /// <summary>The tables.</summary>
    public TableSettings Tables { get; init; } = new();

    /// <summary>The service that holds the sockets.</summary>
    public WebPubSubSettings WebPubSub { get; init; } = new();

    /// <summary>Who may call the event handler.</summary>
    public EventHandlerSettings EventHandler { get; init; } = new();

    /// <summary>How people sign in.</summary>
    public NegotiateSettings Negotiate { get; init; } = new();

    /// <summary>What is exported.</summary>
    public TelemetrySettings Telemetry { get; init; } = new();

    /// <summary>What one connection and one user may ask for.</summary>
    public LimitSettings Limits { get; init; } = new();

    /// <summary>Where scheduled archives go.</summary>
    public ArchiveSettings Archives { get; init; } = new();

    /// <summary>Days for which history can be read and restored: 7 to 36,500, or 0 for ever. 90 unless set.</summary>
    public int? HistoryDays { get; init; }

    /// <summary>Whether a connection without a token may log in under a name of its own choice.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>
    /// Users, as their tokens name them, who may choose the ids of projects; <c>*</c> is everybody. Empty for nobody.
    /// </summary>
    public IReadOnlyList<string> Administrators { get; init; } = [];

    /// <summary>Pages that may connect, as <c>https://host[:port]</c>; empty for any.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    internal ProjectApiOptions ProjectApi =>
        new() { Administrators = Administrators.Contains("*", StringComparer.Ordinal) ? null : Administrators.ToHashSet(StringComparer.Ordinal) };

    internal RetentionOptions Retention => RetentionOptions.OfDays(HistoryDays);

    /// <summary>How the event handler tells Web PubSub from strangers. No setting lets every caller in.</summary>
    internal CallerAuthenticationOptions Callers =>
        new() { AccessKeys = WebPubSub.Connection is { } connection ? [connection.Key] : [], Entra = EventHandler.Entra };

    /// <summary>Whose events the event handler takes.</summary>
    internal EventEndpointOptions Events =>
        new(WebPubSub.HubName, EventEndpointOptions.HostsOf(WebPubSub.Address), AllowedOrigins);

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
        // What is put together from several sections is looked at only when each of them can be used.
        return sections.Length > 0
            ? sections
            : [.. ProblemOf(path + nameof(AllowedOrigins), () => _ = Events), .. ProblemOf(path + nameof(EventHandler), Callers.ThrowIfUnsafe)];
    }
}
