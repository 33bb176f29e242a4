using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace ServerlessSync.PubSubEmulator.Tests.Support;

/// <summary>An HTTP event handler that follows a test's script and records its requests.</summary>
internal sealed class ScriptedUpstream : IAsyncDisposable
{
    private readonly Channel<ReceivedEvent> events = Channel.CreateUnbounded<ReceivedEvent>();
    private readonly Lock gate = new();
    private readonly List<ReceivedEvent> log = [];
    private WebApplication? app;

    /// <summary>Answers events other than preflights.</summary>
    public Func<ReceivedEvent, Task<Reply>> OnEvent { get; set; } = _ => Task.FromResult(Reply.Nothing);

    /// <summary>Answers OPTIONS and GET: the status and the allowed origin.</summary>
    public Func<ReceivedEvent, (int Status, string? AllowedOrigin)> OnPreflight { get; set; } = _ => (200, "*");

    public string Template => app!.Urls.Single() + "/hooks/{hub}/{event}";

    /// <summary>Everything so far, preflights included.</summary>
    public IReadOnlyList<ReceivedEvent> Log
    {
        get
        {
            lock (gate)
            {
                return [.. log];
            }
        }
    }

    public static async Task<ScriptedUpstream> StartAsync()
    {
        var upstream = new ScriptedUpstream();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhostOnFreePort());
        upstream.app = builder.Build();
        upstream.app.Run(upstream.HandleAsync);
        await upstream.app.StartAsync();
        return upstream;
    }

    /// <summary>Answers messages; system events get 204.</summary>
    public void OnMessage(Func<ReceivedEvent, Task<Reply>> handle) =>
        OnEvent = received => received.Name is "message" ? handle(received) : Task.FromResult(Reply.Nothing);

    /// <summary>The next event of a name, skipping others.</summary>
    public async Task<ReceivedEvent> NextAsync(string name)
    {
        while (true)
        {
            var received = await Soon.Within(events.Reader.ReadAsync().AsTask());
            if (string.Equals(received.Name, name, StringComparison.Ordinal))
            {
                return received;
            }
        }
    }

    public IReadOnlyList<ReceivedEvent> All(string name) =>
        [.. Log.Where(received => string.Equals(received.Name, name, StringComparison.Ordinal))];

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
        {
            await app.DisposeAsync();
        }
    }

    private async Task HandleAsync(HttpContext context)
    {
        var received = await ReceivedEvent.OfAsync(context.Request);
        lock (gate)
        {
            log.Add(received);
        }

        if (received.Method is not "POST")
        {
            var (status, origin) = OnPreflight(received);
            context.Response.StatusCode = status;
            if (origin is not null)
            {
                context.Response.Headers["WebHook-Allowed-Origin"] = origin;
            }

            return;
        }

        await events.Writer.WriteAsync(received);
        await WriteAsync(context.Response, await OnEvent(received));
    }

    private static async Task WriteAsync(HttpResponse response, Reply reply)
    {
        response.StatusCode = reply.Status;
        response.ContentType = reply.ContentType;
        if (reply.State is not null)
        {
            response.Headers["ce-connectionState"] = reply.State;
        }

        if (reply.SetCookie is not null)
        {
            response.Headers.SetCookie = reply.SetCookie;
        }

        if (reply.Body is not null)
        {
            await response.Body.WriteAsync(reply.Body);
        }
    }
}

internal static class KestrelOnLoopback
{
    public static void ListenLocalhostOnFreePort(this KestrelServerOptions kestrel) =>
        kestrel.Listen(System.Net.IPAddress.Loopback, 0);
}
