using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using ServerlessSync.Core.Telemetry;

namespace ServerlessSync.Hosting.Telemetry;

/// <summary>Exports what the engine tells, in OpenTelemetry's terms.</summary>
public static class TelemetryExtensions
{
    /// <summary>
    /// Collects the meter <see cref="MeteringObserver.MeterName"/>, the spans of <see cref="SyncTracing.SourceName"/> and of outgoing HTTP
    /// requests, and exports them as <paramref name="options"/> say.
    /// </summary>
    public static OpenTelemetryBuilder AddSyncTelemetry(this IServiceCollection services, TelemetryOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        services.AddMetrics();
        services.AddSingleton<MeteringObserver>();
        var telemetry = services
            .AddOpenTelemetry()
            .WithMetrics(static metrics => metrics.AddMeter(MeteringObserver.MeterName))
            .WithTracing(static tracing => tracing.AddSource(SyncTracing.SourceName).AddHttpClientInstrumentation());
        if (options.ApplicationInsights is { Length: > 0 } connection)
        {
            telemetry.UseAzureMonitorExporter(exporter =>
            {
                exporter.ConnectionString = connection;
                exporter.Credential = options.Credential;
            });
        }

        if (options.HasOtlpEndpoint)
        {
            telemetry.UseOtlpExporter();
        }

        return telemetry;
    }
}
