using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ServerlessSync.EndToEnd.Servers;

/// <summary>An OpenTelemetry collector (OTLP over HTTP) that counts the bytes of each signal and stores none.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, long> bytes = new(StringComparer.Ordinal);
    private readonly WebApplication app;

    private Collector(Uri url)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url.GetLeftPart(UriPartial.Authority));
        app = builder.Build();
        app.MapPost("/v1/{signal}", CountAsync);
        Settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = url.GetLeftPart(UriPartial.Authority),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["Sync__Telemetry__TraceRatio"] = "1",
        };
    }

    /// <summary>The settings that make a worker send here, with every trace.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>The received bytes of <c>logs</c>, <c>traces</c> or <c>metrics</c>, before compression.</summary>
    public long BytesOf(string signal) => bytes.GetValueOrDefault(signal);

    public static async Task<Collector> StartAsync()
    {
        var collector = new Collector(Ports.FreeUrl());
        await collector.app.StartAsync(TestContext.Current.CancellationToken);
        return collector;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task<IResult> CountAsync(string signal, HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        bytes.AddOrUpdate(signal, body.Length, (_, before) => before + body.Length);
        return Results.Bytes([], "application/x-protobuf");
    }
}
