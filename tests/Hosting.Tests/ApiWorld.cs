using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Gateway;
using ServerlessSync.Core.Identity;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Sequencing;
using ServerlessSync.Hosting.Http;
using ServerlessSync.Hosting.Users;
using ServerlessSync.Protocol;
using ServerlessSync.Tables.Memory;

namespace ServerlessSync.Hosting.Tests;

/// <summary>The HTTP API on a store in memory, asked as a web server asks it.</summary>
internal sealed class ApiWorld : IAsyncDisposable
{
    private readonly ServiceProvider services = new ServiceCollection().AddLogging().AddProblemDetails().BuildServiceProvider();
    private readonly ProjectsEndpoint projects;
    private readonly NegotiateEndpoint negotiate;

    public ApiWorld(IUserAuthenticator? users)
    {
        var ids = new RandomIdSource();
        var sync = new SyncServices(Store, new NobodyConnected(), new BryntumDialect(), TimeProvider.System, ids, SilentObserver.Instance);
        Services = sync;
        Sequencers = new SequencerRegistry(sync, new SequencerOptions { StateBytesMax = 1 << 28 });
        var catalog = new ProjectCatalog(Store, ids);
        projects = new ProjectsEndpoint(
            users,
            new ProjectOffice(sync, Sequencers, catalog),
            catalog,
            new ArchiveOffice(sync, Sequencers, catalog, new ArchiveOptions { IsAdministrator = static user => user is "Ada" })
        );
        negotiate = new NegotiateEndpoint(
            users,
            static (user, _) =>
                Task.FromResult(
                    new SocketAddress(new Uri($"wss://sync.example.com/client?access_token={user}"), DateTimeOffset.UnixEpoch)
                )
        );
    }

    public MemoryTableStore Store { get; } = new();

    public SequencerRegistry Sequencers { get; }

    public SyncServices Services { get; }

    public Task<ApiAnswer> ProjectsAsync(string user, string method, string path = "", string? body = null) =>
        SendAsync(projects.HandleAsync, user, method, "/api/projects" + path, Encoding.UTF8.GetBytes(body ?? string.Empty));

    public Task<ApiAnswer> ProjectsAsync(string user, string method, string path, byte[] body) =>
        SendAsync(projects.HandleAsync, user, method, "/api/projects" + path, body);

    public Task<ApiAnswer> NegotiateAsync(string user, string method = "POST") =>
        SendAsync(negotiate.HandleAsync, user, method, "/api/negotiate", body: []);

    public async ValueTask DisposeAsync()
    {
        await Sequencers.DrainAsync(CancellationToken.None);
        await services.DisposeAsync();
    }

    private async Task<ApiAnswer> SendAsync(RequestDelegate handle, string user, string method, string path, byte[] body)
    {
        using var answer = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = services };
        var at = path.IndexOf('?', StringComparison.Ordinal);
        context.Request.Method = method;
        context.Request.Path = Uri.UnescapeDataString(at < 0 ? path : path[..at]);
        context.Request.QueryString = new QueryString(at < 0 ? string.Empty : path[at..]);
        context.Request.Headers.Authorization = user.Length > 0 ? $"Development {user}" : string.Empty;
        context.Request.Body = new MemoryStream(body);
        context.Response.Body = answer;
        await handle(context);
        return new ApiAnswer(context.Response.StatusCode, context.Response.Headers, answer.ToArray());
    }

    private sealed class NobodyConnected : IClientGateway
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

internal sealed record ApiAnswer(int Status, IHeaderDictionary Headers, byte[] Bytes)
{
    public string Body => Encoding.UTF8.GetString(Bytes);

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? Detail => Json.GetProperty("detail").GetString();
}
