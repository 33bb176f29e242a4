using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using ServerlessSync.WebPubSub.Callers;
using ServerlessSync.WebPubSub.EventHandling;
using ServerlessSync.WebPubSub.Gateway;

namespace ServerlessSync.WebPubSub.Tests.EventHandling;

/// <summary>An endpoint whose dependencies the test controls.</summary>
internal sealed class Sut(params string[] allowedOrigins)
{
    public FakeHandler Handler { get; } = new();

    public FakeLog<EventEndpoint> Log { get; } = new();

    public FakeTimeProvider Time { get; } = new();

    public CallerVerdict Verdict { get; init; } = CallerVerdict.Trusted;

    /// <summary>Whether the endpoint runs on a developer's machine.</summary>
    public bool AllowsThisMachine { get; init; }

    public EventEndpoint Endpoint =>
        new(
            new EventEndpointOptions(
                HubName.Parse("Sync"),
                ["sync.webpubsub.azure.com", "localhost:8080"],
                allowedOrigins
            )
            {
                AllowsThisMachine = AllowsThisMachine,
            },
            new FixedVerdict(Verdict),
            Handler,
            Log,
            Time
        );

    public async Task<HttpResponse> SendAsync(HttpContext context)
    {
        await Endpoint.HandleAsync(context, TestContext.Current.CancellationToken);
        return context.Response;
    }

    private sealed class FixedVerdict(CallerVerdict verdict) : ICallerAuthenticator
    {
        public ValueTask<CallerVerdict> AuthenticateAsync(
            IHeaderDictionary headers,
            CancellationToken cancellationToken
        ) => ValueTask.FromResult(verdict);
    }
}
