using Microsoft.AspNetCore.Http.Features;

namespace ServerlessSync.PubSubEmulator.Tokens;

/// <summary>The URL as sent. Route values keep %2F escaped, which would confuse two different group names.</summary>
internal static class RawUrl
{
    /// <summary>The path and query of a request, still escaped.</summary>
    public static string Target(HttpRequest request)
    {
        var target = request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget;
        return string.IsNullOrEmpty(target) || target[0] != '/'
            ? request.Path.ToUriComponent() + request.QueryString.Value
            : target;
    }

    /// <summary>One segment of the path, unescaped once; the first segment has index 0.</summary>
    public static string Segment(HttpRequest request, int index)
    {
        var segments = Target(request).Split('?', 2)[0].Split('/');
        return index + 1 < segments.Length ? Uri.UnescapeDataString(segments[index + 1]) : string.Empty;
    }
}
