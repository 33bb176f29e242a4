using Azure.Core;
using Azure.Identity;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using ServerlessSync.Composition.Settings;
using ServerlessSync.Core.Engine;

namespace ServerlessSync.Composition.Telemetry;

/// <summary>Exports logs, metrics and traces with OpenTelemetry.</summary>
public static class TelemetryExtensions
{
    /// <summary>
    /// Categories that log, at Information and for every request, what a metric or span already reports: ASP.NET Core
    /// writes four records a request, an HTTP client four a call, the storage SDK two. They would use up a daily cap that
    /// alerts need.
    /// </summary>
    private static readonly string[] ChattyCategories = ["Microsoft.AspNetCore", "System.Net.Http.HttpClient", "Azure"];

    /// <summary>
    /// Collects the meter <see cref="MeteringObserver.MeterName"/>, the spans of <see cref="SyncTracing.SourceName"/> and
    /// those of outgoing HTTP requests. Exports them and the logs to the destinations in the settings.
    /// </summary>
    public static OpenTelemetryBuilder AddSyncTelemetry(this IServiceCollection services, TelemetrySettings settings)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(settings);
        services.AddMetrics();
        var telemetry = services
            .AddOpenTelemetry()
            .WithMetrics(static metrics => metrics.AddMeter(MeteringObserver.MeterName))
            .WithTracing(static tracing => tracing.AddSource(SyncTracing.SourceName).AddHttpClientInstrumentation());
        if (settings.ApplicationInsights is { } connection)
        {
            // Application Insights accepts no key in Azure; the identity that reads the tables authenticates the export
            // too.
            TokenCredential credential = new DefaultAzureCredential();
            telemetry.UseAzureMonitorExporter(exporter =>
            {
                exporter.ConnectionString = connection;
                exporter.Credential = credential;
            });
        }

        if (settings.HasOtlpEndpoint)
        {
            telemetry.UseOtlpExporter();
        }

        // Set last, because the exporter above brings its own sampler. Samples by trace id alone, so that all instances
        // agree on a trace.
        return telemetry.WithTracing(tracing => tracing.SetSampler(new TraceIdRatioBasedSampler(settings.TraceRatio)));
    }

    /// <summary>
    /// Drops the per-request records of frameworks. Without a telemetry destination, logs go to the console, with warnings
    /// and above on standard error: a Functions host discards worker records outside of an invocation, but shows the
    /// worker's console.
    /// </summary>
    public static ILoggingBuilder AddSyncLogging(this ILoggingBuilder logging, TelemetrySettings settings)
    {
        ArgumentNullException.ThrowIfNull(logging);
        ArgumentNullException.ThrowIfNull(settings);
        foreach (var category in ChattyCategories)
        {
            logging.AddFilter(category, LogLevel.Warning);
        }

        return settings.IsExported ? logging : AddConsole(logging);
    }

    private static ILoggingBuilder AddConsole(ILoggingBuilder logging)
    {
        logging.Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Warning);
        return logging.AddSimpleConsole(static console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
        });
    }
}
