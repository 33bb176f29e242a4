using Microsoft.AspNetCore.Http;
using ServerlessSync.Api.Users;
using ServerlessSync.Core.Memory;

namespace ServerlessSync.Api.Tests;

/// <summary>A request that does not fit into memory is refused with the time after which to retry, and then succeeds.</summary>
public sealed class Running_out_of_memory : IAsyncDisposable
{
    private const string Dataset = """{"tasksData":[{"id":1,"name":"Plan"}]}""";

    private readonly ApiWorld world = new(new DevelopmentUserAuthenticator());

    public ValueTask DisposeAsync() => world.DisposeAsync();

    [Fact]
    public async Task A_file_is_refused_while_too_many_are_on_their_way()
    {
        var budget = world.Sequencers.Loading.Budget;
        var others = budget.TryOpenBody(budget.BodyLimit);

        AssertRefused(await world.ProjectsAsync("Hugo", "POST", "?name=Plan&id=7", Dataset));
        others!.Dispose();

        Assert.Equal(StatusCodes.Status201Created, (await world.ProjectsAsync("Hugo", "POST", "?name=Plan&id=7", Dataset)).Status);
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public async Task A_file_an_export_and_a_restore_are_refused_while_projects_take_all_there_is()
    {
        await world.ProjectsAsync("Hugo", "POST", "?name=Plan&id=7", Dataset);
        var budget = world.Sequencers.Loading.Budget;
        using var others = budget.Open();
        Assert.True(others.TryTake(budget.Limit - budget.Used));

        AssertRefused(await world.ProjectsAsync("Hugo", "POST", "?name=Other&id=8", Dataset));
        AssertRefused(await world.ProjectsAsync("Hugo", "GET", "/7/dataset"));
        AssertRefused(await world.ProjectsAsync("Hugo", "GET", "/7/dataset?revision=0"));
        AssertRefused(await world.ProjectsAsync("Hugo", "POST", "/7/restore", """{"revision":0}"""));
        Assert.Equal(404, (await world.ProjectsAsync("Ines", "GET", "/7/dataset")).Status);
        Assert.Equal(404, (await world.ProjectsAsync("Ines", "GET", "/9/dataset")).Status);
    }

    private static void AssertRefused(ApiAnswer answer)
    {
        Assert.Equal(StatusCodes.Status503ServiceUnavailable, answer.Status);
        Assert.Equal($"{LoadingGate.RetryAfter.TotalSeconds:F0}", answer.Headers.RetryAfter.ToString());
    }
}
