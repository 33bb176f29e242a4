using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ServerlessSync.Soak.Faults;

/// <summary>
/// A proxy in front of a server that passes on requests, most of them unchanged. For small bodies only, which it buffers.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private static readonly string[] ConnectionHeaders = ["Connection", "Keep-Alive", "Transfer-Encoding", "Content-Length", "Host"];

    private readonly WebApplication app;
    private readonly HttpMessageInvoker target;
    private readonly Uri address;
    private readonly FaultPlan plan;

    private FaultProxy(WebApplication web, Uri server, FaultPlan faults)
    {
        app = web;
        address = server;
        plan = faults;
#pragma warning disable CA2000 // The invoker disposes it.
        target = new HttpMessageInvoker(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false });
#pragma warning restore CA2000
    }

    /// <summary>The address on which it listens.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>Starts a proxy on a free port.</summary>
    public static async Task<FaultProxy> StartAsync(Uri server, FaultPlan faults, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
#pragma warning disable CA2000 // The proxy disposes it.
        var proxy = new FaultProxy(builder.Build(), server, faults);
#pragma warning restore CA2000
        proxy.app.Run(proxy.HandleAsync);
        await proxy.app.StartAsync(cancellationToken);
        var listening = proxy.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        proxy.Url = new Uri(listening.Addresses.Single());
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        target.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var message = new Message(context.Request, body.ToArray());

        // The handshake only concerns configuration, and is not repeated soon after a refusal.
        var (fault, delay) = HttpMethods.IsOptions(context.Request.Method) ? (Fault.None, default) : plan.Next();
        switch (fault)
        {
            case Fault.Dropped:
                context.Abort();
                return;
            case Fault.Unavailable:
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return;
            case Fault.Late:
                context.Abort();
                await Task.Delay(delay, plan.Time);
                (await TrySendAsync(message))?.Dispose();
                return;
            default:
                await Task.Delay(delay, plan.Time);
                break;
        }

        using var answer = await TrySendAsync(message);
        if (fault is Fault.Duplicated)
        {
            (await TrySendAsync(message))?.Dispose();
        }

        if (answer is null || fault is Fault.AnswerLost)
        {
            context.Abort();
            return;
        }

        await WriteAsync(context.Response, answer);
    }

    /// <summary>
    /// The response, or null when there is none. Uses the server's time-outs, not the sender's: an abandoned request still
    /// arrives.
    /// </summary>
    private async Task<HttpResponseMessage?> TrySendAsync(Message message)
    {
        using var request = new HttpRequestMessage(new HttpMethod(message.Method), new Uri(address, message.Target))
        {
            Content = new ByteArrayContent(message.Body),
        };
        foreach (var (name, values) in message.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, values))
            {
                request.Content.Headers.TryAddWithoutValidation(name, values);
            }
        }

        // Tokens name the original address.
        request.Headers.Host = message.Host;
        try
        {
            return await target.SendAsync(request, CancellationToken.None);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or ObjectDisposedException)
        {
            return null;
        }
    }

    private static async Task WriteAsync(HttpResponse response, HttpResponseMessage answer)
    {
        response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (!ConnectionHeaders.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                response.Headers[name] = values.ToArray();
            }
        }

        if (answer.StatusCode is not HttpStatusCode.NoContent)
        {
            await answer.Content.CopyToAsync(response.Body);
        }
    }

    /// <summary>A request that can be sent repeatedly, even after its sender has finished.</summary>
    private sealed class Message(HttpRequest request, byte[] body)
    {
        public string Method { get; } = request.Method;

        public string Target { get; } = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;

        public string Host { get; } = request.Host.Value!;

        public byte[] Body { get; } = body;

        public IReadOnlyList<(string Name, string?[] Values)> Headers { get; } =
        [
            .. request
                .Headers.Where(static header => !ConnectionHeaders.Contains(header.Key, StringComparer.OrdinalIgnoreCase))
                .Select(static header => (header.Key, header.Value.ToArray())),
        ];
    }
}
