using Microsoft.Playwright;

namespace ServerlessSync.EndToEnd.Browser;

/// <summary>Screenshots of the page at interesting moments, in artifacts/screenshots of the repository.</summary>
internal static class Screenshots
{
    private static readonly string Folder = Path.Combine(Root(), "artifacts", "screenshots");

    public static Task TakeAsync(IPage page, string title) =>
        page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Folder, title + ".png") });

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ServerlessSync.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? AppContext.BaseDirectory;
    }
}
