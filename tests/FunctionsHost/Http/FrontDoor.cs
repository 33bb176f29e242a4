using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ServerlessSync.FunctionsHost.Http;

/// <summary>Accepts requests: HTTP/1.1 on a loopback port that the system chooses.</summary>
internal sealed class FrontDoor : IAsyncDisposable
{
    /// <summary>Bytes of a request body, as in the host.</summary>
    private const long RequestBytesMax = 104_857_600;

    private const string Limiter = "requests";

    private readonly WebApplication app;

    private FrontDoor(WebApplication web) => app = web;

    public Uri Url => new(app.Urls.Single());

    /// <param name="settings">Prefix, headers and limits of requests.</param>
    /// <param name="functions">The functions to expose.</param>
    /// <param name="invoke">Invokes a function.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static async Task<FrontDoor> StartAsync(
        HostSettings settings,
        IEnumerable<Function> functions,
        Func<Function, HttpContext, Task> invoke,
        CancellationToken cancellationToken
    )
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = RequestBytesMax;
            kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddRateLimiter(limiter => Limit(limiter, settings));
        var web = builder.Build();
        web.Use(
            (context, next) =>
            {
                foreach (var (name, value) in settings.CustomHeaders)
                {
                    context.Response.Headers[name] = value;
                }

                return next(context);
            }
        );
        web.UseRouting();
        web.UseRateLimiter();
        foreach (var sameRoute in functions.Where(static function => function.Route is not null).GroupBy(static function => function.Route!))
        {
            Function[] choices = [.. sameRoute];
            web.Map(
                    $"/{settings.RoutePrefix}/{sameRoute.Key}",
                    context => AnswerAsync(Array.Find(choices, choice => choice.Takes(context.Request.Method)), context, invoke)
                )
                .RequireRateLimiting(Limiter);
        }

        await web.StartAsync(cancellationToken);
        return new FrontDoor(web);
    }

    /// <summary>Accepts no further requests, and completes those in progress.</summary>
    public Task StopAsync() => app.StopAsync();

    public ValueTask DisposeAsync() => app.DisposeAsync();

    /// <summary>A method that no function accepts is 404, like an unknown route.</summary>
    private static Task AnswerAsync(Function? function, HttpContext context, Func<Function, HttpContext, Task> invoke)
    {
        if (function is not null)
        {
            return invoke(function, context);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static void Limit(RateLimiterOptions limiter, HostSettings settings)
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.AddConcurrencyLimiter(
            Limiter,
            options =>
            {
                options.PermitLimit = settings.ConcurrentRequestsMax;
                options.QueueLimit = Math.Max(0, settings.OutstandingRequestsMax - settings.ConcurrentRequestsMax);
                options.QueueProcessingOrder = QueueProcessingOrder.OldestFirst;
            }
        );
    }
}
