using System.Collections.Concurrent;

namespace ServerlessSync.EndToEnd.Sockets;

/// <summary>A project for one test alone, and the pages on it.</summary>
/// <param name="url">The address to which pages connect.</param>
/// <param name="project">The project's id as JSON text.</param>
/// <param name="tag">Makes the user names of this test unique.</param>
/// <param name="end">Cleans up when the test is over.</param>
internal sealed class Plan(Uri url, string project, string tag, Action end) : IAsyncDisposable
{
    private readonly ConcurrentBag<Page> pages = [];

    public string Project => project;

    /// <summary>A word that no other test uses.</summary>
    public string Tag => tag;

    /// <summary>A page that has the project open.</summary>
    public async Task<Page> OpenAsync(string name)
    {
        var page = await EnterAsync(name);
        await page.LoadAsync();
        return page;
    }

    /// <summary>Pages of several users, opened at the same time.</summary>
    public Task<Page[]> OpenAsync(params IEnumerable<string> names) => Task.WhenAll(names.Select(OpenAsync));

    /// <summary>A page that is logged in but has no project open.</summary>
    public async Task<Page> EnterAsync(string name)
    {
        var page = await ConnectAsync(name);
        await page.LoginAsync();
        return page;
    }

    /// <summary>A page that has sent nothing yet.</summary>
    public async Task<Page> ConnectAsync(string name)
    {
#pragma warning disable CA2000 // The plan disposes its pages.
        var page = new Page(await SyncSocket.ConnectAsync(url), $"{name} {tag}", project);
#pragma warning restore CA2000
        pages.Add(page);
        return page;
    }

    /// <summary>The dataset that a new client receives.</summary>
    public async Task<Frame> LoadAsync()
    {
        var reader = await EnterAsync("Reader");
        var dataset = await reader.LoadAsync();
        await reader.DisposeAsync();
        return dataset;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var page in pages)
        {
            await page.DisposeAsync();
        }

        end();
    }
}
