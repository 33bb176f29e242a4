using Microsoft.AspNetCore.Http;
using ServerlessSync.Api.Users;
using ServerlessSync.Core.Limits;

namespace ServerlessSync.Api.Tests;

public sealed class Exceeding_request_rates
{
    private const string Dataset = """{"tasksData":[{"id":1,"name":"Plan"}]}""";

    private readonly StoppedClock time = new();

    [Fact]
    public async Task A_user_beyond_the_rate_is_told_when_to_retry_and_others_are_served()
    {
        await using var world = World(new RateLimitOptions { Calls = new BucketRule(3, 0.5) });
        for (var call = 0; call < 3; call++)
        {
            Assert.Equal(200, (await world.ProjectsAsync("Hugo", "GET")).Status);
        }

        var refused = await world.NegotiateAsync("Hugo");

        Assert.Equal((429, "Too many requests; try again in 2 s"), (refused.Status, refused.Detail));
        Assert.Equal("2", refused.Headers.RetryAfter.ToString());
        Assert.StartsWith("application/problem+json", refused.Headers.ContentType.ToString(), StringComparison.Ordinal);
        Assert.Equal(200, (await world.ProjectsAsync("Ines", "GET")).Status);
        time.Now += TimeSpan.FromSeconds(2);
        Assert.Equal(200, (await world.NegotiateAsync("Hugo")).Status);
        Assert.Equal([(LimitKind.Calls, LimitAction.Refused)], world.Limits.Reached);
    }

    [Fact]
    public async Task Reads_of_a_whole_project_have_a_bucket_of_their_own()
    {
        await using var world = World(new RateLimitOptions { Exports = new BucketRule(2, 0.2) });
        await world.ProjectsAsync("Hugo", "POST", "?name=Move&id=1", Dataset);
        Assert.Equal(200, (await world.ProjectsAsync("Hugo", "GET", "/1/dataset")).Status);
        Assert.Equal(200, (await world.ProjectsAsync("Hugo", "GET", "/1/revisions")).Status);

        var refused = await world.ProjectsAsync("Hugo", "GET", "/2/dataset");

        Assert.Equal((429, "Too many datasets; try again in 5 s"), (refused.Status, refused.Detail));
        Assert.Equal(200, (await world.ProjectsAsync("Hugo", "GET", "/1/access")).Status);
    }

    [Fact]
    public async Task Changes_are_counted_in_storage_across_instances()
    {
        var limits = new RateLimitOptions { Writes = new BucketRule(3, 0.1) };
        await using var world = World(limits);
        await using var other = new ApiWorld(new DevelopmentUserAuthenticator(), limits, time, world.Store);
        await world.ProjectsAsync("Hugo", "POST", "?name=Move&id=1", Dataset);
        Assert.Equal(204, (await world.ProjectsAsync("Hugo", "PUT", "/1/access/Ines", """{"role":"viewer"}""")).Status);
        Assert.Equal(204, (await other.ProjectsAsync("Hugo", "DELETE", "/1/access/Ines")).Status);

        var refused = await other.ProjectsAsync("Hugo", "DELETE", "/1");

        Assert.Equal((429, "Too many changes; try again in 10 s"), (refused.Status, refused.Detail));
        Assert.Equal(200, (await world.ProjectsAsync("Hugo", "GET", "/1/dataset")).Status);
    }

    [Fact]
    public async Task Requests_at_the_same_time_do_not_share_one_token()
    {
        await using var world = World(new RateLimitOptions { Writes = new BucketRule(5, 0.001) });
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => world.ProjectsAsync("Hugo", "DELETE", "/none")));

        Assert.Equal(5, answers.Count(static answer => answer.Status == 404));
        Assert.Equal(3, answers.Count(static answer => answer.Status == 429));
    }

    [Fact]
    public async Task New_projects_are_counted_before_their_dataset_is_read()
    {
        await using var world = World(new RateLimitOptions { Creations = new BucketRule(2, 0.01) });
        Assert.Equal(201, (await world.ProjectsAsync("Hugo", "POST", "?name=Move&id=1", Dataset)).Status);
        Assert.Equal(400, (await world.ProjectsAsync("Hugo", "POST", "?name=Move&id=2", "not a dataset")).Status);

        var refused = await world.ProjectsAsync("Hugo", "POST", "?name=Move&id=3", "not a dataset");

        Assert.Equal((429, "Too many new projects; try again in 100 s"), (refused.Status, refused.Detail));
        Assert.Equal(201, (await world.ProjectsAsync("Ines", "POST", "?name=Move&id=4", Dataset)).Status);
    }

    [Fact]
    public async Task Imported_bytes_are_counted()
    {
        await using var world = World(new RateLimitOptions { Imports = new BucketRule(100, 1) });
        Assert.Equal(201, (await world.ProjectsAsync("Hugo", "POST", "?name=Move&id=1", Dataset.PadRight(90))).Status);

        var refused = await world.ProjectsAsync("Hugo", "POST", "?name=Move&id=2", Dataset.PadRight(60));

        Assert.Equal((429, "Too many bytes in imports; try again in 50 s"), (refused.Status, refused.Detail));
    }

    [Fact]
    public async Task At_the_quota_of_projects_a_user_must_delete_one_first()
    {
        await using var world = World(new RateLimitOptions { ProjectsMax = 2 });
        Assert.Equal(201, (await world.ProjectsAsync("Hugo", "POST", "?name=Move&id=1", Dataset)).Status);
        Assert.Equal(201, (await world.ProjectsAsync("Hugo", "POST", "?name=Move&id=2", Dataset)).Status);

        var refused = await world.ProjectsAsync("Hugo", "POST", "?name=Move&id=3", Dataset);

        Assert.Equal((429, "You have created 2 projects, which is the limit; delete one of them first"), (refused.Status, refused.Detail));
        Assert.Equal(0, refused.Headers.RetryAfter.Count);
        Assert.Equal(201, (await world.ProjectsAsync("Ines", "POST", "?name=Move&id=4", Dataset)).Status);
        Assert.Equal(204, (await world.ProjectsAsync("Hugo", "DELETE", "/1")).Status);
        Assert.Equal(201, (await world.ProjectsAsync("Hugo", "POST", "?name=Move&id=3", Dataset)).Status);
        Assert.Equal(429, (await world.ProjectsAsync("Hugo", "POST", "?name=Move&id=5", Dataset)).Status);
    }

    [Fact]
    public async Task Projects_that_others_share_with_a_user_do_not_count()
    {
        await using var world = World(new RateLimitOptions { ProjectsMax = 1 });
        await world.ProjectsAsync("Hugo", "POST", "?name=Move&id=1", Dataset);
        await world.ProjectsAsync("Hugo", "PUT", "/1/access/Ines", """{"role":"owner"}""");

        Assert.Equal(201, (await world.ProjectsAsync("Ines", "POST", "?name=Own&id=2", Dataset)).Status);
    }

    [Fact]
    public async Task Rejected_tokens_are_counted_by_address_and_then_refused_unchecked()
    {
        await using var world = World(new RateLimitOptions { FailedSignIns = new BucketRule(2, 0.1) });
        world.Address = "203.0.113.7";
        Assert.Equal(401, (await world.ProjectsAsync("\u0007", "GET")).Status);
        Assert.Equal(401, (await world.ProjectsAsync("\u0007", "GET")).Status);

        var refused = await world.ProjectsAsync("Hugo", "GET");

        Assert.Equal((429, "Too many rejected tokens; try again in 10 s"), (refused.Status, refused.Detail));
        Assert.Equal(401, (await world.ProjectsAsync(string.Empty, "GET")).Status);
        world.Address = "203.0.113.8";
        Assert.Equal(200, (await world.ProjectsAsync("Hugo", "GET")).Status);
        world.Address = "203.0.113.7";
        time.Now += TimeSpan.FromSeconds(10);
        Assert.Equal(200, (await world.ProjectsAsync("Hugo", "GET")).Status);
    }

    [Theory]
    [InlineData("203.0.113.7", null, "203.0.113.7")]
    [InlineData("203.0.113.7", "198.51.100.1", "203.0.113.7")] // Of a caller that is no host of ours.
    [InlineData("127.0.0.1", "10.0.0.1, 198.51.100.1:5050", "198.51.100.1")]
    [InlineData("127.0.0.1", "10.0.0.1, [2001:db8:1:2:3:4:5:6]:5050", "20010db800010002")]
    [InlineData("127.0.0.1", "nonsense", "127.0.0.1")]
    [InlineData("::ffff:203.0.113.7", null, "203.0.113.7")]
    [InlineData("2001:db8:1:2:ffff::1", null, "20010db800010002")]
    public void The_address_is_what_the_platform_saw_and_not_what_a_caller_claims(string remote, string? forwarded, string expected)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = System.Net.IPAddress.Parse(remote);
        context.Request.Headers["X-Forwarded-For"] = forwarded;

        Assert.Equal(expected, Http.ClientAddress.Of(context));
    }

    private ApiWorld World(RateLimitOptions limits) => new(new DevelopmentUserAuthenticator(), limits, time);

    private sealed class StoppedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 30, 8, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
