using Microsoft.AspNetCore.Http;

namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>
/// The handshake by which the service asks whether it may send events here (CloudEvents HTTP webhook, 4). It comes without a
/// token, also at run time, and authenticates nobody: every event is checked for itself.
/// </summary>
internal static class AbuseProtection
{
    private const string Question = "WebHook-Request-Origin";

    // In this spelling: the service has compared the name case-sensitively.
    private const string Permission = "WebHook-Allowed-Origin";

    /// <summary>Answers the handshake. True when it was granted.</summary>
    public static bool Answer(HttpContext context, IReadOnlySet<string> serviceHosts)
    {
        var asked = context.Request.Headers[Question].ToString();
        var origins = asked.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (origins.Length is 0 or > EventLimits.OriginsMax)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return false;
        }

        // A resource with several host names lists them all; one that is ours vouches for it.
        if (Array.Find(origins, serviceHosts.Contains) is not { } allowed)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return false;
        }

        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.Headers[Permission] = allowed;
        return true;
    }
}
