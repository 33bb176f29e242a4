using ServerlessSync.Api.Http;
using ServerlessSync.Api.Users;

namespace ServerlessSync.Api.Tests;

/// <summary>The cost and the information of a request before its user's rights are known.</summary>
public sealed class Calling_without_rights : IAsyncDisposable
{
    private const string Dataset = """{"tasksData":[{"id":1,"name":"Plan"}]}""";
    private const string Mine = "plan";

    private readonly ApiWorld world = new(
        new DevelopmentUserAuthenticator(),
        options: new ProjectApiOptions { Administrators = new HashSet<string>(StringComparer.Ordinal) { "Hugo" } }
    );

    public ValueTask DisposeAsync() => world.DisposeAsync();

    /// <summary>docs/security.md: what may not be seen is 404, and that to the letter.</summary>
    [Theory]
    [InlineData("GET", "dataset", null)]
    [InlineData("GET", "dataset?revision=0", null)]
    [InlineData("GET", "revisions", null)]
    [InlineData("POST", "restore", """{"revision":0}""")]
    [InlineData("GET", "access", null)]
    [InlineData("PUT", "access/Ines", """{"role":"owner"}""")]
    [InlineData("DELETE", "access/Hugo", null)]
    [InlineData("DELETE", "", null)]
    public async Task Missing_projects_and_those_of_other_users_take_the_same_steps_and_answers(string method, string what, string? body)
    {
        await world.ProjectsAsync("Hugo", "POST", $"?name=Plan&id={Mine}", Dataset);
        world.Requests.Take();

        var theirs = await world.ProjectsAsync("Ines", method, $"/{Mine}/{what}", body);
        var steps = world.Requests.Take();
        var none = await world.ProjectsAsync("Ines", method, $"/none/{what}", body);

        Assert.Equal((404, theirs.Detail, theirs.Headers.ContentType), (none.Status, none.Detail, none.Headers.ContentType));
        Assert.Equal(none.Status, theirs.Status);
        Assert.Equal(steps.Select(static step => step.Replace(Mine, "none", StringComparison.Ordinal)), world.Requests.Take());
        Assert.All(steps, static step => Assert.StartsWith("get ", step, StringComparison.Ordinal));
        Assert.InRange(steps.Count, 1, 3);
        Assert.Equal(200, (await world.ProjectsAsync("Hugo", "GET", $"/{Mine}/dataset")).Status);
    }

    [Fact]
    public async Task Choosing_an_id_without_the_right_is_refused_before_any_lookup()
    {
        await world.ProjectsAsync("Hugo", "POST", $"?name=Plan&id={Mine}", Dataset);
        world.Requests.Take();

        var taken = await world.CreateAsync("Ines", $"?name=Plan&id={Mine}", new UnreadBody());
        var free = await world.CreateAsync("Ines", "?name=Plan&id=free", new UnreadBody());

        Assert.Equal((403, 403), (taken.Status, free.Status));
        Assert.Equal(taken.Detail, free.Detail);
        Assert.Empty(world.Requests.Take());
    }

    [Fact]
    public async Task Without_a_chosen_id_the_server_generates_one()
    {
        var created = await world.ProjectsAsync("Ines", "POST", "?name=Plan", Dataset);

        Assert.Equal(201, created.Status);
        Assert.True(created.Json.GetProperty("id").GetString()!.Length >= 16);
    }

    [Theory]
    [InlineData("?name=", 400)]
    [InlineData("?name=a%0Ab", 400)]
    [InlineData("?name=a%E2%80%AEb", 400)]
    [InlineData("?name=Plan&id=a%2Fb", 400)]
    [InlineData("?name=Plan&id=9007199254740993", 400)]
    [InlineData("?name=Plan&id=plan", 409)]
    public async Task A_dataset_is_not_read_for_a_project_that_cannot_be_made(string query, int status)
    {
        await world.ProjectsAsync("Hugo", "POST", $"?name=Plan&id={Mine}", Dataset);

        var answer = await world.CreateAsync("Hugo", query, new UnreadBody());

        Assert.Equal(status, answer.Status);
        Assert.StartsWith("application/problem+json", answer.Headers.ContentType.ToString(), StringComparison.Ordinal);
    }

    /// <summary>A body that must not be read.</summary>
    private sealed class UnreadBody : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException("The body was read.");
    }
}
