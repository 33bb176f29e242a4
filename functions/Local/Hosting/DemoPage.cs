using Microsoft.Extensions.FileProviders;

namespace ServerlessSync.Local.Hosting;

/// <summary>Serves the demo page and what it needs, all from this machine.</summary>
internal static class DemoPage
{
    /// <summary>
    /// The page runs its own modules and nothing else, and talks to its own server alone; only its icon is inline. The chart library writes
    /// styles into markup, which this forbids: <c>markup.js</c> sets them as properties instead, which is allowed.
    /// The library declares fonts of another host. The page's style sheet keeps every element from using them, so they are
    /// never fetched; but a policy without that host makes browsers report each of them as an error.
    /// </summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data: https://fonts.gstatic.com; "
        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void Map(WebApplication app)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "wwwroot-demo");
        if (!Directory.Exists(folder))
        {
            return;
        }

        // The page asks where its server is. Here it is at the page's own address, which is what an empty answer means.
        app.MapGet("/demo/config.json", static () => Results.Text("{}", "application/json"));

        var files = new PhysicalFileProvider(folder);
        app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files });
        app.UseStaticFiles(
            new StaticFileOptions
            {
                FileProvider = files,
                OnPrepareResponse = static context =>
                {
                    var headers = context.Context.Response.Headers;
                    headers.ContentSecurityPolicy = ContentSecurityPolicy;
                    headers.CacheControl = "no-cache";
                    headers["Referrer-Policy"] = "no-referrer";
                },
            }
        );
    }
}
