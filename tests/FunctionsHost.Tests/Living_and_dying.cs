using System.Net;

namespace ServerlessSync.FunctionsHost.Tests;

/// <summary>The process of the worker, from the host's side.</summary>
public sealed class Living_and_dying(App app)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_worker_that_is_told_to_end_ends_with_code_0()
    {
        await using var host = await app.StartAsync();
        await AssertHealthyAsync(host);

        Assert.Equal(0, await host.StopAsync());
    }

    [Fact]
    public async Task In_place_of_a_worker_that_was_killed_another_one_answers()
    {
        await using var host = await app.StartAsync();
        var before = await host.WorkerIdAsync(Token);

        await host.KillWorkerAsync(Token);

        await AssertHealthyAsync(host);
        Assert.NotEqual(before, await host.WorkerIdAsync(Token));
        Assert.Equal(0, await host.StopAsync());
    }

    private static async Task AssertHealthyAsync(WorkerHost host)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(host.Url, "health"), Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
