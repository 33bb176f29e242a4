using Microsoft.AspNetCore.Http;

namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>
/// The handshake in which the service asks for permission to send events here (CloudEvents HTTP webhook, 4). It carries no
/// token and authenticates nothing; every event is checked on its own.
/// </summary>
internal static class AbuseProtection
{
    private const string RequestHeader = "WebHook-Request-Origin";

    // In this exact case: the service has been seen to compare the name case-sensitively.
    private const string AllowHeader = "WebHook-Allowed-Origin";

    /// <summary>Answers the handshake; true when permission was granted.</summary>
    public static bool Answer(HttpContext context, IReadOnlySet<string> serviceHosts)
    {
        var asked = context.Request.Headers[RequestHeader].ToString();
        var origins = asked.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (origins.Length is 0 or > EventLimits.OriginsMax)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return false;
        }

        // A resource with several host names lists them all; one known name is sufficient.
        if (Array.Find(origins, serviceHosts.Contains) is not { } allowed)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return false;
        }

        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.Headers[AllowHeader] = allowed;
        return true;
    }
}
