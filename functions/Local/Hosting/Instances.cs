using ServerlessSync.Api.Http;
using ServerlessSync.Composition;
using ServerlessSync.Composition.Settings;
using ServerlessSync.Core.Model;
using ServerlessSync.WebPubSub.EventHandling;

namespace ServerlessSync.Local.Hosting;

/// <summary>
/// The instances of the product in this process. Requests and events alternate between them, as behind a load balancer.
/// </summary>
internal sealed class Instances : IEventHandler, IAsyncDisposable
{
    private readonly List<SyncInstance> all = [];
    private uint turn = uint.MaxValue;

    /// <summary>The instance that does what is needed once per process, such as maintenance.</summary>
    public SyncInstance First => all[0];

    private SyncInstance Next => all[(int)(Interlocked.Increment(ref turn) % (uint)all.Count)];

    /// <summary>Starts <paramref name="count"/> instances.</summary>
    public async Task StartAsync(
        int count,
        SyncSettings settings,
        HostParts parts,
        IServiceProvider host,
        CancellationToken cancellationToken
    )
    {
        while (all.Count < count)
        {
            all.Add(await SyncInstance.StartAsync(settings, parts, host, cancellationToken));
        }
    }

    /// <inheritdoc/>
    public Task<EventReply> HandleAsync(ClientEvent clientEvent, CancellationToken cancellationToken) =>
        Next.Events.HandleAsync(clientEvent, cancellationToken);

    /// <summary>Maps the HTTP API at the addresses that a Functions host gives it.</summary>
    public void MapApi(WebApplication web)
    {
        web.Map(ApiRoutes.Prefix + ApiRoutes.Negotiate, context => Next.Negotiate.HandleAsync(context));
        web.Map(ApiRoutes.Prefix + ApiRoutes.Projects, context => Next.Projects.HandleAsync(context));
        // Takes precedence over the emulator's address of the same name, which is for the service's SDKs.
        web.MapMethods(ApiRoutes.Prefix + ApiRoutes.Health, [HttpMethods.Get, HttpMethods.Options], context => Next.Health.HandleAsync(context))
            .WithOrder(-1);
    }

    /// <summary>Maps the event handler.</summary>
    public void MapEvents(WebApplication web) =>
        web.MapMethods(
            EventRoute.Pattern,
            [HttpMethods.Options, HttpMethods.Post],
            context => Next.EventEndpoint.HandleAsync(context, context.RequestAborted)
        );

    public async ValueTask DisposeAsync() => await Task.WhenAll(all.Select(static instance => instance.DisposeAsync().AsTask()));
}
