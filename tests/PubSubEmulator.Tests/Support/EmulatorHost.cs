using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerlessSync.Core.Model;
using ServerlessSync.Local.InProcess;
using ServerlessSync.PubSubEmulator;
using ServerlessSync.PubSubEmulator.Tokens;

namespace ServerlessSync.PubSubEmulator.Tests.Support;

/// <summary>The emulator on a free loopback port, with clients for both of its interfaces.</summary>
internal sealed class EmulatorHost : IAsyncDisposable
{
    public const string AccessKey = "a key of any text, ü";
    public const string Version = "api-version=2024-12-01";

    private readonly WebApplication app;
    private readonly HttpClient http = new();
    private readonly List<TestClient> clients = [];

    private EmulatorHost(WebApplication app, TimeProvider time)
    {
        this.app = app;
        Time = time;
        Url = app.Urls.Single();
    }

    public TimeProvider Time { get; }

    public string Url { get; }

    public string Authority => new Uri(Url).Authority;

    public PubSubService Service => app.Services.GetRequiredService<PubSubService>();

    public InProcessGateway Gateway => app.Services.GetRequiredService<InProcessGateway>();

    public static PubSubOptions Options(
        string? upstream = null,
        bool allowAnonymous = false,
        PubSubLimits? limits = null
    ) =>
        new()
        {
            AccessKey = AccessKey,
            NewId = CountingIds(),
            UpstreamTemplates = upstream is null ? [] : [upstream],
            AllowAnonymous = allowAnonymous,
            Limits = limits ?? new PubSubLimits(),
        };

    private static Func<string> CountingIds()
    {
        var last = 0;
        return () => $"id{Interlocked.Increment(ref last):D4}";
    }

    public static async Task<EmulatorHost> StartAsync(
        PubSubOptions options,
        TimeProvider? time = null,
        params IEventHandler[] handlers
    )
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhostOnFreePort());
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        foreach (var handler in handlers)
        {
            builder.Services.AddSingleton(handler);
        }

        if (options.UpstreamTemplates.Count == 0)
        {
            builder.Services.AddInProcessDelivery();
        }

        builder.Services.AddPubSubEmulator(options);
        var built = builder.Build();
        built.MapPubSubEmulator();
        await built.StartAsync();
        return new EmulatorHost(built, time ?? TimeProvider.System);
    }

    /// <summary>A client token as an SDK creates it, or with one fault.</summary>
    public string Token(
        string? user = "ann",
        string? audience = null,
        string key = AccessKey,
        double minutes = 60,
        params (string Name, object Value)[] claims
    )
    {
        var all = claims.ToDictionary(claim => claim.Name, claim => claim.Value, StringComparer.Ordinal);
        if (user is not null)
        {
            all["sub"] = user;
        }

        return Sign(audience ?? $"{Url}/client/hubs/sync", key, TimeSpan.FromMinutes(minutes), all);
    }

    public async Task<TestClient> ConnectAsync(string? user = "ann", params (string Name, object Value)[] claims)
    {
        var client = await ConnectToAsync($"/client/hubs/sync?access_token={Token(user, claims: claims)}");
        return client;
    }

    public async Task<TestClient> ConnectToAsync(string pathAndQuery, Action<ClientWebSocketOptions>? configure = null)
    {
        var client = await TestClient.ConnectAsync(new Uri($"ws://{Authority}{pathAndQuery}"), configure);
        clients.Add(client);
        return client;
    }

    /// <summary>The HTTP status with which a handshake is refused.</summary>
    public async Task<HttpStatusCode> RefusalAsync(
        string pathAndQuery,
        Action<ClientWebSocketOptions>? configure = null
    )
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        configure?.Invoke(socket.Options);
        await Assert.ThrowsAsync<WebSocketException>(() =>
            Soon.Within(socket.ConnectAsync(new Uri($"ws://{Authority}{pathAndQuery}"), CancellationToken.None))
        );
        return socket.HttpStatusCode;
    }

    /// <summary>A signed REST request; <paramref name="path"/> begins after the hub.</summary>
    public async Task<HttpResponseMessage> RestAsync(
        string method,
        string path,
        string? body = null,
        string? contentType = "application/json"
    )
    {
        using var content = body is null ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (content is not null && contentType is not null)
        {
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        return await RestAsync(method, path, content);
    }

    public Task<HttpResponseMessage> RestAsync(string method, string path, HttpContent? content)
    {
        var url = $"{Url}/api/hubs/sync{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{Version}";
        return RawRestAsync(method, url, Sign(url), content);
    }

    public async Task<HttpResponseMessage> RawRestAsync(
        string method,
        string url,
        string? token,
        HttpContent? content = null
    )
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), url) { Content = content };
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return await Soon.Within(http.SendAsync(request));
    }

    public async Task<int> StatusAsync(string method, string path, string? body = null)
    {
        using var response = await RestAsync(method, path, body);
        return (int)response.StatusCode;
    }

    public string Sign(
        string audience,
        string key = AccessKey,
        TimeSpan? life = null,
        Dictionary<string, object>? claims = null
    ) =>
        new AccessTokens(new PubSubOptions { AccessKey = key }, Time).Create(
            audience,
            life ?? TimeSpan.FromMinutes(5),
            claims ?? new Dictionary<string, object>(StringComparer.Ordinal)
        );

    public Task StopAsync() => app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var client in clients)
        {
            client.Dispose();
        }

        http.Dispose();
        await app.DisposeAsync();
    }
}
