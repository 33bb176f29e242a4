using System.Net;

namespace ServerlessSync.PubSubEmulator.Upstream;

/// <summary>
/// The cookies of one connection. The service sends back what successful answers have set (measured), which is how an
/// affinity cookie keeps the events of a connection on one worker.
/// </summary>
internal sealed class CookieJar
{
    private CookieContainer? cookies;

    /// <summary>The <c>Cookie</c> header for a URL; null for none.</summary>
    public string? HeaderFor(Uri url) => cookies?.GetCookieHeader(url) is { Length: > 0 } header ? header : null;

    /// <summary>Keeps what one <c>Set-Cookie</c> header says; ignores what is no cookie.</summary>
    public void Set(Uri url, string header)
    {
        // Most handlers set none, so a connection costs no container until the first one.
        var jar = LazyInitializer.EnsureInitialized(ref cookies, () => new CookieContainer());
        try
        {
            jar.SetCookies(url, header);
        }
        catch (CookieException)
        {
            // A cookie that cannot be kept must not fail the event that brought it.
        }
    }
}
