using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using OpenTelemetry.Trace;
using ServerlessSync.Composition.Settings;
using ServerlessSync.Composition.Telemetry;
using ServerlessSync.Core.Engine;

namespace ServerlessSync.Composition.Tests;

/// <summary>The telemetry that leaves the process.</summary>
public sealed class Exporting_telemetry
{
    private static readonly TelemetrySettings ToAzure = new()
    {
        ApplicationInsights = "InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=http://127.0.0.1:9/",
    };

    // The Azure Monitor exporter brings its own sampler, which must not take precedence.
    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void The_share_of_traces_is_the_one_of_the_settings(double ratio, bool isRecorded)
    {
        var services = new ServiceCollection();
        services.AddSyncTelemetry(ToAzure with { TraceRatio = ratio });
        using var provider = services.BuildServiceProvider();
        using var tracing = provider.GetRequiredService<TracerProvider>();
        using var source = new ActivitySource(SyncTracing.SourceName);

        using var activity = source.StartActivity("an event");

        Assert.Equal(isRecorded, activity?.Recorded ?? false);
    }

    [Theory]
    [InlineData("Microsoft.AspNetCore.Hosting.Diagnostics")]
    [InlineData("Microsoft.AspNetCore.Routing.EndpointMiddleware")]
    [InlineData("System.Net.Http.HttpClient.Default.LogicalHandler")]
    [InlineData("Azure.Core")]
    public void A_framework_logs_no_requests(string category)
    {
        using var provider = new ServiceCollection()
            .AddLogging(static logging => logging.AddSyncLogging(new TelemetrySettings()).SetMinimumLevel(LogLevel.Information))
            .BuildServiceProvider();
        var logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger(category);

        Assert.False(logger.IsEnabled(LogLevel.Information));
        Assert.True(logger.IsEnabled(LogLevel.Warning));
    }

    [Fact]
    public void Without_a_destination_the_console_shows_the_logs_and_errors_apart()
    {
        using var provider = new ServiceCollection()
            .AddLogging(static logging => logging.AddSyncLogging(new TelemetrySettings()))
            .BuildServiceProvider();

        Assert.Single(provider.GetServices<ILoggerProvider>().OfType<ConsoleLoggerProvider>());
        Assert.Equal(LogLevel.Warning, provider.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.LogToStandardErrorThreshold);
    }

    [Fact]
    public void With_a_destination_the_console_stays_silent()
    {
        using var provider = new ServiceCollection().AddLogging(static logging => logging.AddSyncLogging(ToAzure)).BuildServiceProvider();

        Assert.Empty(provider.GetServices<ILoggerProvider>().OfType<ConsoleLoggerProvider>());
    }
}
