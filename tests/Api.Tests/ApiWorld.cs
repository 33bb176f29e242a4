using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ServerlessSync.Api.Http;
using ServerlessSync.Api.Users;
using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Limits;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Protocol;
using ServerlessSync.Tables.Memory;

namespace ServerlessSync.Api.Tests;

/// <summary>The HTTP API on a store in memory, called as by a web server.</summary>
internal sealed class ApiWorld : IAsyncDisposable
{
    /// <summary>The origin whose pages may call the API.</summary>
    public const string Page = "https://plans.example.com";

    private readonly ServiceProvider services = new ServiceCollection().AddLogging().AddProblemDetails().BuildServiceProvider();
    private readonly ProjectsEndpoint projects;
    private readonly NegotiateEndpoint negotiate;
    private readonly HealthEndpoint health;

    public ApiWorld(
        IUserAuthenticator users,
        RateLimitOptions? limits = null,
        TimeProvider? time = null,
        MemoryTableStore? store = null,
        ProjectApiOptions? options = null
    )
    {
        Store = store ?? new MemoryTableStore();
        var limiter = new ApiLimiter(limits ?? new RateLimitOptions(), Store, time ?? TimeProvider.System, Limits);
        var ids = new RandomIdSource();
        Requests = new CountingStore(Store);
        var sync = new EngineDependencies(Requests, new NoConnections(), new BryntumDialect(), TimeProvider.System, ids, SilentObserver.Instance);
        Services = sync;
        Sequencers = new SequencerRegistry(sync, new SequencerOptions { StateBytesMax = 1 << 28 });
        var catalog = new ProjectCatalog(Requests, ids);
        options ??= new ProjectApiOptions();
        var cors = CorsFor(Page);
        health = new HealthEndpoint(cors, Requests, "1.2.3", "abc");
        projects = new ProjectsEndpoint(
            cors,
            users,
            limiter,
            new ProjectAdministration(sync, Sequencers, catalog),
            catalog,
            new ArchiveAdministration(sync, Sequencers, new ArchiveOptions { IsAdministrator = options.IsAdministrator }),
            options
        );
        negotiate = new NegotiateEndpoint(
            cors,
            users,
            limiter,
            static (user, _) =>
                Task.FromResult(
                    new SocketAddress(new Uri($"wss://sync.example.com/client?access_token={user}"), DateTimeOffset.UnixEpoch)
                )
        );
    }

    public MemoryTableStore Store { get; }

    /// <summary>The address of the caller.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>Further headers of each request.</summary>
    public IHeaderDictionary Headers { get; } = new HeaderDictionary();

    /// <summary>The same store, as the product sees it.</summary>
    public CountingStore Requests { get; }

    public SequencerRegistry Sequencers { get; }

    public RecordedLimits Limits { get; } = new();

    public EngineDependencies Services { get; }

    public Task<ApiAnswer> ProjectsAsync(string user, string method, string path = "", string? body = null, bool keepTarget = true) =>
        SendAsync(projects.HandleAsync, user, method, "/api/projects" + path, Utf8(body), keepTarget);

    public Task<ApiAnswer> ProjectsAsync(string user, string method, string path, byte[] body) =>
        SendAsync(projects.HandleAsync, user, method, "/api/projects" + path, new MemoryStream(body));

    public Task<ApiAnswer> CreateAsync(string user, string query, Stream body) =>
        SendAsync(projects.HandleAsync, user, "POST", "/api/projects" + query, body);

    public Task<ApiAnswer> NegotiateAsync(string user, string method = "POST") =>
        SendAsync(negotiate.HandleAsync, user, method, "/api/negotiate", Utf8(null));

    public Task<ApiAnswer> HealthAsync(string method = "GET") =>
        SendAsync(health.HandleAsync, string.Empty, method, "/api/health", Utf8(null));

    /// <summary>A policy that allows the pages of one origin.</summary>
    public static ApiCors CorsFor(string page) =>
        new(
            new CorsService(Options.Create(new CorsOptions()), NullLoggerFactory.Instance),
            origin => string.Equals(origin, page, StringComparison.Ordinal)
        );

    public async ValueTask DisposeAsync()
    {
        await Sequencers.DrainAsync(CancellationToken.None);
        await services.DisposeAsync();
    }

    private static MemoryStream Utf8(string? body) => new(Encoding.UTF8.GetBytes(body ?? string.Empty));

    private async Task<ApiAnswer> SendAsync(
        RequestDelegate handle,
        string user,
        string method,
        string path,
        Stream body,
        bool keepTarget = true
    )
    {
        using var answer = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = services };
        var at = path.IndexOf('?', StringComparison.Ordinal);
        context.Connection.RemoteIpAddress = System.Net.IPAddress.Parse(Address);
        context.Request.Method = method;

        // Like Kestrel: the path with all escapes decoded except that of a slash, and the raw target.
        var sent = at < 0 ? path : path[..at];
        context.Request.Path = Uri.UnescapeDataString(sent.Replace("%2F", "%252F", StringComparison.OrdinalIgnoreCase));
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = keepTarget ? path : string.Empty;
        context.Request.QueryString = new QueryString(at < 0 ? string.Empty : path[at..]);
        context.Request.Headers.Authorization = user.Length > 0 ? $"Development {user}" : default;
        foreach (var (name, value) in Headers)
        {
            context.Request.Headers[name] = value;
        }

        context.Request.Body = body;
        context.Request.ContentLength = body.Length;
        context.Response.Body = answer;
        await handle(context);
        return new ApiAnswer(context.Response.StatusCode, context.Response.Headers, answer.ToArray());
    }

    private sealed class NoConnections : IClientGateway
    {
        public Task SendToGroupAsync(
            GroupName group,
            ReadOnlyMemory<byte> message,
            Audience audience,
            CancellationToken cancellationToken
        ) => Task.CompletedTask;

        public Task<bool> AddToGroupAsync(GroupName group, ConnectionId connection, CancellationToken cancellationToken) =>
            Task.FromResult(false);

        public Task RemoveFromGroupAsync(GroupName group, ConnectionId connection, CancellationToken cancellationToken) =>
            Task.CompletedTask;

        public Task MoveGroupAsync(IReadOnlyList<GroupName> from, GroupName to, CancellationToken cancellationToken) =>
            Task.CompletedTask;

        public Task<bool> ConnectionExistsAsync(ConnectionId connection, CancellationToken cancellationToken) =>
            Task.FromResult(false);

        public Task CloseConnectionAsync(ConnectionId connection, string reason, CancellationToken cancellationToken) =>
            Task.CompletedTask;

        public IAsyncEnumerable<ConnectionId> ListGroupAsync(GroupName group, CancellationToken cancellationToken) =>
            AsyncEnumerable.Empty<ConnectionId>();
    }
}

/// <summary>Records the limits that were reached.</summary>
internal sealed class RecordedLimits : ILimitObserver
{
    public List<(LimitKind Kind, LimitAction Action)> Reached { get; } = [];

    public void LimitReached(LimitKind kind, LimitAction action) => Reached.Add((kind, action));
}

internal sealed record ApiAnswer(int Status, IHeaderDictionary Headers, byte[] Bytes)
{
    public string Body => Encoding.UTF8.GetString(Bytes);

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? Detail => Json.GetProperty("detail").GetString();
}
