using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Configuration;
using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;
using ServerlessSync.Support.Archives;
using ServerlessSync.Support.Emulator;

namespace ServerlessSync.EndToEnd.Running;

/// <summary>
/// The whole circle of a scheduled archive: the timer puts it into a container (of the emulator), a person downloads it, cuts it as docs/operations.md
/// says, and restores it over HTTP.
/// </summary>
public sealed partial class Archiving_into_blobs
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_timer_archived_is_restored_as_the_document_says()
    {
        await using var azurite = await AzuriteFixture.StartAsync(AzuriteService.Blob, Token);
        Assert.SkipWhen(azurite.Unavailable is not null, azurite.Unavailable ?? string.Empty);
        var container = new BlobContainerClient(azurite.ConnectionString, "plans");
        await container.CreateAsync(cancellationToken: Token);
        using var folder = new TemporaryFolder();
        var (project, before) = await MakeAsync(folder);

        // The timer of a host on a laptop runs at its start.
        var environment = new ConfigurationBuilder()
            .AddInMemoryCollection(
                [new("Sync:Archives:ConnectionString", azurite.ConnectionString), new("Sync:Archives:Container", "plans")]
            )
            .Build();
        await using var host = await RunningHost.StartAsync(RunningHost.Options(folder), environment: environment);
        var archive = await AwaitArchiveAsync(container, project);
        await using var plan = host.Plan(project);
        await RenameAsync(plan, "after the archive");

        var revision = await RestoreAsync(host.Url, project, archive, await DownloadAsync(container, archive));

        await using var restored = host.Plan(project);
        var loaded = await restored.LoadAsync();
        Assert.Equal((1_000_002L, before), (revision, loaded.TaskName("10")));
        Assert.Equal(revision, loaded.Revision);
    }

    private static async Task<(string Project, string? Name)> MakeAsync(TemporaryFolder folder)
    {
        await using var host = await RunningHost.StartAsync(RunningHost.Options(folder));
        await using var plan = await host.NewPlanAsync();
        await RenameAsync(plan, "before the archive");
        return (plan.Project, (await plan.LoadAsync()).TaskName("10"));
    }

    private static async Task RenameAsync(Plan plan, string name)
    {
        var page = await plan.OpenAsync("Hugo");
        await page.SendAsync(Say.Change(plan.Project, page.Client, Say.Revision(page.NextLocal(), page.Client, Say.Rename("10", name))));
        await page.RevisionsAsync(1);
    }

    private static async Task<BlobItem> AwaitArchiveAsync(BlobContainerClient container, string project)
    {
        var prefix = $"s{JsonSerializer.Deserialize<string>(project)}/";
        while (true)
        {
            var found = await container.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, prefix, Token).ToListAsync(Token);
            if (found is [var archive])
            {
                return archive;
            }

            await Task.Delay(Poll, TimeProvider.System, Token);
        }
    }

    /// <summary>The parts, cut by the lines of the document.</summary>
    private static async Task<IReadOnlyList<byte[]>> DownloadAsync(BlobContainerClient container, BlobItem archive)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "plan.syncarch");
        await container.GetBlobClient(archive.Name).DownloadToAsync(path, Token);
        var expected = ArchiveFile.Split(await File.ReadAllBytesAsync(path, Token));
        if (OperatingSystem.IsWindows())
        {
            return expected;
        }

        var document = await File.ReadAllTextAsync(Path.Combine(Root(), "docs", "operations.md"), Token);
        var start = new ProcessStartInfo("sh") { WorkingDirectory = folder.Path };
        start.ArgumentList.Add("-euc");
        start.ArgumentList.Add(Cutting().Match(document).Groups["lines"].Value);
        using var shell = Process.Start(start)!;
        await shell.WaitForExitAsync(Token);
        Assert.Equal(0, shell.ExitCode);
        var parts = new List<byte[]>();
        for (var number = 1; number <= expected.Count; number++)
        {
            parts.Add(await File.ReadAllBytesAsync(Path.Combine(folder.Path, $"plan.{number}"), Token));
        }

        Assert.Equal(expected, parts);
        return parts;
    }

    private static async Task<long> RestoreAsync(Uri url, string project, BlobItem archive, IReadOnlyList<byte[]> parts)
    {
        using var http = new HttpClient { BaseAddress = url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Development", "Ada");
        var path = $"api/projects/{Uri.EscapeDataString(JsonSerializer.Deserialize<string>(project)!)}/uploads";
        var upload = (await AskAsync(http, HttpMethod.Post, path, content: null)).GetProperty("archive").GetString();
        for (var number = 1; number <= parts.Count; number++)
        {
            using var part = new ByteArrayContent(parts[number - 1]);
            await AskAsync(http, HttpMethod.Put, $"{path}/{upload}/parts/{number}", part);
        }

        using var request = JsonContent.Create(new { replace = true, access = false, digest = archive.Metadata["digest"] });
        var answer = await AskAsync(http, HttpMethod.Post, $"{path}/{upload}/restore", request);
        return answer.GetProperty("revision").GetInt64();
    }

    private static async Task<JsonElement> AskAsync(HttpClient http, HttpMethod method, string path, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var answer = await http.SendAsync(request, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ServerlessSync.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }

    /// <summary>The block of lines that cuts a file.</summary>
    [GeneratedRegex("```sh\n(?<lines>size=[^`]*)```", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Cutting();
}
