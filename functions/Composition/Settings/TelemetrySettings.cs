namespace ServerlessSync.Composition.Settings;

/// <summary>
/// What is exported. The two destinations have the names that OpenTelemetry and Azure give them, outside of the section <c>Sync</c>:
/// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and <c>APPLICATIONINSIGHTS_CONNECTION_STRING</c>.
/// </summary>
public sealed record TelemetrySettings : SettingsSection
{
    /// <summary>
    /// The share of traces that is exported, from 0 to 1. A trace of an event is about 1 KB, so 5 % keeps a million events at some 50 MB;
    /// metrics and alerts do not depend on it.
    /// </summary>
    public double TraceRatio { get; init; } = 0.05;

    /// <summary>
    /// The connection string of Application Insights; without local authentication it is not a secret. Null for none.
    /// </summary>
    internal string? ApplicationInsights { get; init; }

    /// <summary>Whether an OTLP collector is configured; the exporter itself reads its address.</summary>
    internal bool HasOtlpEndpoint { get; init; }

    /// <summary>Whether logs, metrics and traces leave the process.</summary>
    internal bool IsExported => HasOtlpEndpoint || ApplicationInsights is not null;

    internal override IEnumerable<string> Problems(string path) =>
        TraceRatio is >= 0 and <= 1 ? [] : [$"{path}{nameof(TraceRatio)} is {TraceRatio}: needs a number from 0 to 1."];
}
