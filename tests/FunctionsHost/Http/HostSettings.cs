using System.Globalization;
using System.Text.Json;

namespace ServerlessSync.FunctionsHost.Http;

/// <summary>The part of <c>host.json</c> that concerns requests. The defaults are those of the real host.</summary>
internal sealed record HostSettings
{
    private const string FileName = "host.json";

    public string RoutePrefix { get; private init; } = "api";

    /// <summary>Concurrent requests.</summary>
    public int ConcurrentRequestsMax { get; private init; } = 100;

    /// <summary>Requests that are running or waiting; further ones are answered with 429.</summary>
    public int OutstandingRequestsMax { get; private init; } = 200;

    public TimeSpan FunctionTimeout { get; private init; } = TimeSpan.FromMinutes(30);

    public IReadOnlyDictionary<string, string> CustomHeaders { get; private init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    public static HostSettings Read(string appFolder)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(appFolder, FileName)));
        var settings = new HostSettings();
        if (document.RootElement.TryGetProperty("functionTimeout", out var timeout))
        {
            settings = settings with { FunctionTimeout = TimeSpan.Parse(timeout.GetString()!, CultureInfo.InvariantCulture) };
        }

        return
            document.RootElement.TryGetProperty("extensions", out var extensions) && extensions.TryGetProperty("http", out var http)
            ? settings.With(http)
            : settings;
    }

    private HostSettings With(JsonElement http) =>
        this with
        {
            RoutePrefix = http.TryGetProperty("routePrefix", out var prefix) ? prefix.GetString()! : RoutePrefix,
            ConcurrentRequestsMax = Bound(http, "maxConcurrentRequests", ConcurrentRequestsMax),
            OutstandingRequestsMax = Bound(http, "maxOutstandingRequests", OutstandingRequestsMax),
            CustomHeaders = http.TryGetProperty("customHeaders", out var headers)
                ? headers.EnumerateObject().ToDictionary(static header => header.Name, static header => header.Value.GetString()!)
                : CustomHeaders,
        };

    /// <summary>A number of requests; -1 for no limit.</summary>
    private static int Bound(JsonElement http, string name, int otherwise) =>
        !http.TryGetProperty(name, out var value) ? otherwise
        : value.GetInt32() is var number and >= 0 ? number
        : int.MaxValue;
}
