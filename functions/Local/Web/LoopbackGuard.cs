namespace ServerlessSync.Local.Web;

/// <summary>
/// Guards every request before it reaches the page, the API, sockets or the data plane: checks the host name by which it
/// calls the server and the origin of the page that sends it.
/// </summary>
internal static class LoopbackGuard
{
    /// <summary>Registers what <see cref="UseLoopbackGuard"/> needs.</summary>
    public static IServiceCollection AddLoopbackGuard(this IServiceCollection services) => services.AddProblemDetails();

    /// <summary>Adds the checks in front of all mapped endpoints.</summary>
    public static void UseLoopbackGuard(this WebApplication web, SiteNames names)
    {
        web.Use(
            (context, next) =>
            {
                context.Response.Headers.XContentTypeOptions = "nosniff";
                return Check(context, names) is { } refusal ? refusal.ExecuteAsync(context) : next(context);
            }
        );
        web.UseWhen(
            static context => IsApi(context.Request.Path),
            branch =>
            {
                // Every error of the API has the documented form.
                branch.UseExceptionHandler();
                branch.UseStatusCodePages();
            }
        );
    }

    private static IResult? Check(HttpContext context, SiteNames names)
    {
        if (!names.IsOurs(context.Request.Host))
        {
            return Results.Problem(
                "Host: this server answers to localhost, loopback addresses, and the name in --urls.",
                statusCode: StatusCodes.Status400BadRequest
            );
        }

        return context.Request.Headers.Origin is [_, ..] origins && !origins.All(origin => origin is not null && names.MayConnect(origin))
            ? Results.Problem(
                "Origin: pages of other sites may connect only when --allow-origin names them.",
                statusCode: StatusCodes.Status403Forbidden
            )
            : null;
    }

    /// <summary>Whether a path belongs to the HTTP API. The data plane and the event handler answer as the service does.</summary>
    private static bool IsApi(PathString path) =>
        path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
        && !path.StartsWithSegments("/api/hubs", StringComparison.OrdinalIgnoreCase)
        && !path.StartsWithSegments("/api/health", StringComparison.OrdinalIgnoreCase)
        && !path.StartsWithSegments("/api/eventhandler", StringComparison.OrdinalIgnoreCase);
}
