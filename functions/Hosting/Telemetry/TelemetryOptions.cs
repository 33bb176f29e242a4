using Azure.Core;

namespace ServerlessSync.Hosting.Telemetry;

/// <summary>Where traces and metrics go; nowhere when neither is set.</summary>
/// <param name="ApplicationInsights">The connection string of Application Insights, which holds no secret when local authentication is off; null for none.</param>
/// <param name="Credential">Who sends to Application Insights; null for its instrumentation key alone.</param>
/// <param name="HasOtlpEndpoint">Whether <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names a collector; the exporter reads it itself.</param>
public sealed record TelemetryOptions(string? ApplicationInsights, TokenCredential? Credential, bool HasOtlpEndpoint);
