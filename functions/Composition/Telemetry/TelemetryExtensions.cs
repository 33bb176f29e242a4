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

/// <summary>What leaves the process about itself: logs, metrics and traces, in OpenTelemetry's terms.</summary>
public static class TelemetryExtensions
{
    /// <summary>
    /// Categories whose records at Information repeat for every request what a metric or a span says once: ASP.NET Core writes four a
    /// request, an HTTP client four a call, the storage SDK two. Under a daily cap they would use up what alerts need.
    /// </summary>
    private static readonly string[] ChattyCategories = ["Microsoft.AspNetCore", "System.Net.Http.HttpClient", "Azure"];

    /// <summary>
    /// Collects the meter <see cref="MeteringObserver.MeterName"/>, the spans of <see cref="SyncTracing.SourceName"/> and of outgoing HTTP
    /// requests, and exports them, with the logs, to the destinations of the settings.
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
            // Application Insights takes no key in Azure: the identity that reads the tables also sends to it.
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

        // Last, as the exporter above brings a sampler of its own. By trace id alone, so that every instance decides alike about a trace.
        return telemetry.WithTracing(tracing => tracing.SetSampler(new TraceIdRatioBasedSampler(settings.TraceRatio)));
    }

    /// <summary>
    /// Keeps per-request records of frameworks out of the logs. Without a destination for telemetry the logs go to the console, warnings
    /// and above to standard error: a Functions host drops the records of a worker that belong to no invocation, and shows its console.
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
