using System.Net;

namespace ServerlessSync.PubSubEmulator.Upstream;

/// <summary>
/// The cookies of one connection. The service returns the cookies of successful responses (measured); an affinity cookie
/// thereby keeps the events of a connection on one worker.
/// </summary>
internal sealed class CookieJar
{
    private CookieContainer? cookies;

    /// <summary>The <c>Cookie</c> header for a URL; null for none.</summary>
    public string? HeaderFor(Uri url) => cookies?.GetCookieHeader(url) is { Length: > 0 } header ? header : null;

    /// <summary>Stores the cookies of one <c>Set-Cookie</c> header; ignores an invalid one.</summary>
    public void Set(Uri url, string header)
    {
        // Most handlers set no cookie, so the container is created with the first one.
        var jar = LazyInitializer.EnsureInitialized(ref cookies, () => new CookieContainer());
        try
        {
            jar.SetCookies(url, header);
        }
        catch (CookieException)
        {
            // An invalid cookie must not fail the event whose response carried it.
        }
    }
}
