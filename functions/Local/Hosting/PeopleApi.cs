using ServerlessSync.Core.Identity;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Storage;
using ServerlessSync.Hosting.Http;
using ServerlessSync.Hosting.Users;
using ServerlessSync.Local.PubSub;
using ServerlessSync.WebPubSub.Gateway;
using ServerlessSync.WebPubSub.Tokens;

namespace ServerlessSync.Local.Hosting;

/// <summary>The HTTP API for people, as the Function App serves it; without an identity provider whoever asks is believed.</summary>
internal static class PeopleApi
{
    public static void Map(
        WebApplication web,
        LocalOptions options,
        ITableStore store,
        IReadOnlyList<Engine> engines,
        TimeProvider time
    )
    {
        var users = new DevelopmentUserAuthenticator();
        var catalog = new ProjectCatalog(store, new RandomIdSource());
        var tokens = new AccessKeyTokenSource(
            ServiceConnectionString.Parse(LocalHost.ConnectionString(options.StandIn)),
            HubName.Parse(PubSubOptions.HubDefault),
            TokenLifetime.Default,
            time
        );
        var negotiate = new NegotiateEndpoint(
            users,
            async (user, cancellationToken) =>
            {
                var access = await tokens.CreateAsync(new ClientAccessRequest(user), cancellationToken);
                return new SocketAddress(access.Url, access.Expires);
            }
        );
        web.Map(ApiRoutes.Prefix + ApiRoutes.Negotiate, negotiate.HandleAsync);
        var projects = new ProjectsEndpoint(users, engines[0].Office, catalog);
        web.Map(ApiRoutes.Prefix + ApiRoutes.Projects, projects.HandleAsync);
    }
}
