namespace ServerlessSync.Local.Web;

/// <summary>
/// What every request passes before it reaches page, API, sockets or data plane: by which name it calls the server, from which page it comes;
/// and what every answer of the API has.
/// </summary>
internal static class LoopbackGuard
{
    private static readonly TimeSpan PreflightMax = TimeSpan.FromMinutes(10);

    /// <summary>Registers what <see cref="UseLoopbackGuard"/> needs.</summary>
    public static IServiceCollection AddLoopbackGuard(this IServiceCollection services) => services.AddCors().AddProblemDetails();

    /// <summary>Puts the doors in front of what is mapped.</summary>
    public static void UseLoopbackGuard(this WebApplication web, SiteNames names, IReadOnlyList<string> allowedOrigins)
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
                // Whatever goes wrong, the answer has the form that the API documents.
                branch.UseExceptionHandler();
                branch.UseStatusCodePages();
                if (allowedOrigins.Count > 0)
                {
                    branch.UseCors(policy =>
                        policy
                            .WithOrigins([.. allowedOrigins])
                            .WithMethods("GET", "POST", "PUT", "DELETE")
                            .WithHeaders("authorization", "content-type")
                            .WithExposedHeaders("Sync-Revision", "Retry-After")
                            .SetPreflightMaxAge(PreflightMax)
                    );
                }
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
                "Origin: pages of other sites may connect when --allow-origin names them.",
                statusCode: StatusCodes.Status403Forbidden
            )
            : null;
    }

    /// <summary>The API for people; not the data plane and the event handler, whose answers are those of the service.</summary>
    private static bool IsApi(PathString path) =>
        path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
        && !path.StartsWithSegments("/api/hubs", StringComparison.OrdinalIgnoreCase)
        && !path.StartsWithSegments("/api/health", StringComparison.OrdinalIgnoreCase)
        && !path.StartsWithSegments("/api/eventhandler", StringComparison.OrdinalIgnoreCase);
}
