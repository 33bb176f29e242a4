using Microsoft.Extensions.FileProviders;

namespace ServerlessSync.Local.Hosting;

/// <summary>Serves the demo page and its files, all from this machine.</summary>
internal static class DemoPage
{
    /// <summary>
    /// The page runs only its own modules and talks only to its own server; only its icon is inline. The chart library
    /// writes styles into markup, which this policy forbids, so <c>markup.js</c> sets them as properties, which it allows.
    /// The library also declares fonts of another host. The page's style sheet keeps every element from using them, so they
    /// are never fetched; but a policy without that host makes browsers report each font as an error.
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

        // The page asks for the address of its server. An empty answer means the page's own address.
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
