using Microsoft.AspNetCore.Http;
using ServerlessSync.Api.Users;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Engine.Subscribing;
using ServerlessSync.Core.History;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Maintenance;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Api.Tests;

public sealed class Reading_history_over_http : IAsyncLifetime
{
    private readonly ApiWorld world = new(new DevelopmentUserAuthenticator());
    private int events;

    public async ValueTask InitializeAsync()
    {
        await world.ProjectsAsync("Hugo", "POST", "?name=Move&id=1", """{"tasksData":[{"id":1,"name":"Plan"}]}""");
        await world.ProjectsAsync("Hugo", "PUT", "/1/access/Ines", """{"role":"editor"}""");
        await RenameAsync("first");
        await RenameAsync("second");
    }

    public ValueTask DisposeAsync() => world.DisposeAsync();

    [Fact]
    public async Task The_dataset_is_there_at_every_revision()
    {
        Assert.Equal(("0", "Plan"), await DatasetAsync("?revision=0"));
        Assert.Equal(("1", "first"), await DatasetAsync("?revision=1"));
        Assert.Equal(("2", "second"), await DatasetAsync("?revision=2"));
        Assert.Equal(("2", "second"), await DatasetAsync(string.Empty));
    }

    [Fact]
    public async Task The_list_of_revisions_shows_authors_and_changes_page_by_page()
    {
        var page = (await world.ProjectsAsync("Hugo", "GET", "/1/revisions?limit=1")).Json;

        Assert.Equal((1, 2, 2), (page.GetProperty("first").GetInt64(), page.GetProperty("last").GetInt64(), page.GetProperty("before").GetInt64()));
        var newest = Assert.Single(page.GetProperty("revisions").EnumerateArray());
        Assert.Equal((2, "change", "Ines"), (newest.GetProperty("revision").GetInt64(), newest.GetProperty("kind").GetString(), newest.GetProperty("user").GetString()));
        Assert.Equal("""{"tasks":{"added":0,"updated":1,"removed":0}}""", newest.GetProperty("changes").GetRawText());
        Assert.InRange(newest.GetProperty("time").GetDateTimeOffset(), world.Services.Time.GetUtcNow().AddMinutes(-5), world.Services.Time.GetUtcNow().AddMinutes(5));
        var rest = (await world.ProjectsAsync("Hugo", "GET", "/1/revisions?before=2")).Json;
        Assert.Equal(1, Assert.Single(rest.GetProperty("revisions").EnumerateArray()).GetProperty("revision").GetInt64());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, rest.GetProperty("before").ValueKind);
    }

    [Fact]
    public async Task A_restore_is_a_revision_of_its_own_and_says_what_it_went_back_to()
    {
        var restored = await world.ProjectsAsync("Hugo", "POST", "/1/restore", """{"revision":1}""");

        Assert.Equal((200, """{"revision":3}"""), (restored.Status, restored.Body));
        Assert.Equal(("3", "first"), await DatasetAsync(string.Empty));
        var newest = (await world.ProjectsAsync("Hugo", "GET", "/1/revisions")).Json.GetProperty("revisions")[0];
        Assert.Equal(("restore", 1, "Hugo"), (newest.GetProperty("kind").GetString(), newest.GetProperty("restored").GetInt64(), newest.GetProperty("user").GetString()));
    }

    [Theory]
    [InlineData("GET", "/1/dataset?revision=1", null)]
    [InlineData("GET", "/1/revisions", null)]
    [InlineData("POST", "/1/restore", """{"revision":1}""")]
    public async Task History_is_for_owners(string method, string path, string? body)
    {
        Assert.Equal(403, (await world.ProjectsAsync("Ines", method, path, body)).Status);
        Assert.Equal(404, (await world.ProjectsAsync("Jo", method, path, body)).Status);
        Assert.Equal(200, (await world.ProjectsAsync("Hugo", method, path, body)).Status);
    }

    [Theory]
    [InlineData("GET", "/1/dataset?revision=x", null, 400, "revision: must be a whole number of at least 0")]
    [InlineData("GET", "/1/dataset?revision=-1", null, 400, "revision: must be a whole number of at least 0")]
    [InlineData("GET", "/1/dataset?revision=3", null, 404, "revision: at most 2, the project's last revision")]
    [InlineData("GET", "/1/revisions?before=0", null, 400, "before: must be a whole number of at least 1")]
    [InlineData("GET", "/1/revisions?limit=201", null, 400, "limit: 1 to 200")]
    [InlineData("GET", "/1/revisions?limit=many", null, 400, "limit: 1 to 200")]
    [InlineData("POST", "/1/revisions", null, 405, "This address takes GET.")]
    [InlineData("GET", "/1/restore", null, 405, "This address takes POST.")]
    [InlineData("POST", "/1/restore", "{}", 400, "revision: must be a whole number of at least 0")]
    [InlineData("POST", "/1/restore", """{"revision":1.5}""", 400, "revision: must be a whole number of at least 0")]
    [InlineData("POST", "/1/restore", "1", 400, "body: must be a JSON object")]
    [InlineData("POST", "/1/restore", """{"revision":9}""", 404, "revision: at most 2, the project's last revision")]
    public async Task Refusals_name_the_field_and_the_limit(string method, string path, string? body, int status, string detail)
    {
        var answer = await world.ProjectsAsync("Hugo", method, path, body);

        Assert.Equal((status, detail), (answer.Status, answer.Detail));
    }

    [Fact]
    public async Task Revisions_beyond_the_retention_are_gone_and_the_answer_names_the_first_one_left()
    {
        var retention = new RetentionOptions { Age = TimeSpan.Zero, Slack = TimeSpan.Zero, RevisionsKept = 1 };
        await new Compactor(world.Services, retention, world.Sequencers.Loading).CompactAsync(CancellationToken.None);

        foreach (var (method, path, body) in new[] { ("GET", "/1/dataset?revision=0", null), ("POST", "/1/restore", """{"revision":0}""") })
        {
            var answer = await world.ProjectsAsync("Hugo", method, path, body);
            Assert.Equal((StatusCodes.Status410Gone, "revision: at least 1; older revisions are no longer retained"), (answer.Status, answer.Detail));
        }

        Assert.Equal(("1", "first"), await DatasetAsync("?revision=1"));
        Assert.Equal(("2", "second"), await DatasetAsync(string.Empty));
        Assert.Equal(2, (await world.ProjectsAsync("Hugo", "GET", "/1/revisions")).Json.GetProperty("first").GetInt64());
    }

    private async Task<(string Revision, string Name)> DatasetAsync(string query)
    {
        var answer = await world.ProjectsAsync("Hugo", "GET", "/1/dataset" + query);
        Assert.Equal(200, answer.Status);
        return (answer.Headers["Sync-Revision"].ToString(), answer.Json.GetProperty("tasksData")[0].GetProperty("name").GetString()!);
    }

    private async Task RenameAsync(string name)
    {
        var project = new ProjectId(JsonId.Of(1));
        var changes = System.Text.Encoding.UTF8.GetBytes($$$"""{"tasks":{"updated":[{"id":1,"name":"{{{name}}}"}]}}""");
        var command = new ClientCommand.ProjectChange(
            project,
            [new SubmittedRevision("\"local-1\"", Client: null, ConflictResolutionFor: null, changes)],
            Session: null,
            DatasetRevision: null
        );
        var outcome = await world.Sequencers.SubmitAsync(
            project,
            new Origin("Ines", new ConnectionId("c1"), ++events),
            world.Services.Time.GetUtcNow(),
            command,
            new ClientDatasetState(Stated: null, Sent: 0, Made: DateTimeOffset.UnixEpoch, Pause: null)
        );
        Assert.IsType<ProjectOutcome.Done>(outcome);
    }
}
