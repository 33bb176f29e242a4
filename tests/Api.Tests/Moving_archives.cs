using Microsoft.AspNetCore.Http;
using ServerlessSync.Api.Http;
using ServerlessSync.Api.Users;
using ServerlessSync.Core.Archives;

namespace ServerlessSync.Api.Tests;

public sealed class Moving_archives : IAsyncDisposable
{
    private const string Dataset =
        """{"tasksData":[{"id":1,"name":"Plan"}],"dependenciesData":[{"id":"d","from":1,"to":9}],"versionsData":[{"id":"v","content":{"is":"first"}}]}""";

    private readonly ApiWorld world = new(
        new DevelopmentUserAuthenticator(),
        options: new ProjectApiOptions { Administrators = new HashSet<string>(StringComparer.Ordinal) { "Ada" } }
    );

    public ValueTask DisposeAsync() => world.DisposeAsync();

    [Fact]
    public async Task An_archive_is_fetched_in_parts_and_restored_under_another_id()
    {
        await MakeAsync();
        var made = await world.ProjectsAsync("Hugo", "POST", "/1/archives");
        Assert.Equal(StatusCodes.Status201Created, made.Status);
        Assert.True(made.Json.GetProperty("complete").GetBoolean());
        var archive = made.Json.GetProperty("archive").GetString();
        var part = await world.ProjectsAsync("Hugo", "GET", $"/1/archives/{archive}/parts/1");
        Assert.Equal((200, ProjectsEndpoint.ArchiveMediaType), (part.Status, part.Headers.ContentType.ToString()));

        var upload = (await world.ProjectsAsync("Ada", "POST", "/2/uploads")).Json.GetProperty("archive").GetString();
        Assert.Equal(204, (await world.ProjectsAsync("Ada", "PUT", $"/2/uploads/{upload}/parts/1", part.Bytes)).Status);
        var restored = await world.ProjectsAsync(
            "Ada",
            "POST",
            $"/2/uploads/{upload}/restore",
            $$"""{"name":"Copy","access":true,"digest":"{{made.Json.GetProperty("digest").GetString()}}"}"""
        );

        Assert.Equal((200, 1_000_000), (restored.Status, restored.Json.GetProperty("revision").GetInt64()));
        var copy = await world.ProjectsAsync("Hugo", "GET", "/2/dataset");
        Assert.Equal((await world.ProjectsAsync("Hugo", "GET", "/1/dataset")).Body, copy.Body);
        Assert.Equal("1000000", copy.Headers["Sync-Revision"].ToString());
        Assert.Equal(2, (await world.ProjectsAsync("Hugo", "GET")).Json.GetProperty("projects").GetArrayLength());
    }

    [Fact]
    public async Task An_archive_is_for_owners_and_a_restore_for_administrators()
    {
        await MakeAsync();
        await world.ProjectsAsync("Hugo", "PUT", "/1/access/Ines", """{"role":"editor"}""");
        var archive = (await world.ProjectsAsync("Hugo", "POST", "/1/archives")).Json.GetProperty("archive").GetString();
        var upload = (await world.ProjectsAsync("Ada", "POST", "/1/uploads")).Json.GetProperty("archive").GetString();

        Assert.Equal(403, (await world.ProjectsAsync("Ines", "POST", "/1/archives")).Status);
        Assert.Equal(404, (await world.ProjectsAsync("Jo", "POST", "/1/archives")).Status);
        Assert.Equal(404, (await world.ProjectsAsync("Jo", "GET", $"/1/archives/{archive}/parts/1")).Status);
        Assert.Equal(403, (await world.ProjectsAsync("Hugo", "POST", "/1/uploads")).Status);
        Assert.Equal(403, (await world.ProjectsAsync("Hugo", "POST", $"/1/uploads/{upload}/restore", """{"replace":true}""")).Status);

        // Before any of it is read.
        Assert.Equal(403, (await world.ProjectsAsync("Hugo", "PUT", $"/1/uploads/{upload}/parts/1", new byte[ArchiveLimits.PartBytesMax + 1])).Status);
        Assert.Equal(413, (await world.ProjectsAsync("Ada", "PUT", $"/1/uploads/{upload}/parts/1", new byte[ArchiveLimits.PartBytesMax + 1])).Status);
    }

    [Theory]
    [InlineData("POST", "/1/uploads/UPLOAD/restore", "[]", 400, "body: must be a JSON object or empty")]
    [InlineData("POST", "/1/uploads/UPLOAD/restore", """{"replace":1}""", 400, "body: 'replace' and 'access' must be true or false")]
    [InlineData("POST", "/1/uploads/UPLOAD/restore", """{"replaces":true}""", 400, "no other fields are allowed")]
    [InlineData("POST", "/1/uploads/UPLOAD/restore", """{"name":"\ud800"}""", 400, "body: must be a JSON object or empty")]
    [InlineData("POST", "/1/uploads/UPLOAD/restore", """{"name":" ","replace":true}""", 400, "name: 1 to 200 characters")]
    [InlineData("POST", "/1/uploads/UPLOAD/restore", "", 409, "replace: the project exists")]
    [InlineData("POST", "/1/uploads/UPLOAD/restore", """{"replace":true}""", 400, "part 1 is missing")]
    [InlineData("PUT", "/1/uploads/UPLOAD/parts/1", "{}", 400, "part 1 is not a part of an archive")]
    [InlineData("PUT", "/1/uploads/UPLOAD/parts/0", "{}", 400, "part: must be a whole number from 1 to 4096")]
    [InlineData("PUT", "/1/uploads/other/parts/1", "{}", 404, "There is no such project, archive or part")]
    [InlineData("PUT", "/2/uploads/UPLOAD/parts/1", "{}", 404, "There is no such project, archive or part")]
    [InlineData("GET", "/1/uploads/UPLOAD/parts/1", "", 405, "This address takes PUT")]
    [InlineData("GET", "/1/archives/UPLOAD", "", 404, "There is no such project, archive or part")]
    [InlineData("PUT", "/1/archives", "", 405, "This address takes POST")]
    [InlineData("GET", "/1/archives/a/b", "", 404, "There is nothing at this address")]
    public async Task Invalid_requests_name_the_reason(string method, string path, string body, int status, string detail)
    {
        await MakeAsync();
        var upload = (await world.ProjectsAsync("Ada", "POST", "/1/uploads")).Json.GetProperty("archive").GetString();

        var answer = await world.ProjectsAsync("Ada", method, path.Replace("UPLOAD", upload, StringComparison.Ordinal), body);

        Assert.Equal(status, answer.Status);
        Assert.Contains(detail, answer.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_project_has_only_a_few_archives_at_a_time()
    {
        await MakeAsync();
        var names = new List<string?>();
        for (var made = 0; made < ArchiveLimits.OpenMax; made++)
        {
            names.Add((await world.ProjectsAsync("Hugo", "POST", "/1/archives")).Json.GetProperty("archive").GetString());
        }

        var refused = await world.ProjectsAsync("Hugo", "POST", "/1/archives");
        Assert.Equal(409, refused.Status);
        Assert.Contains("at most 4", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(204, (await world.ProjectsAsync("Hugo", "DELETE", $"/1/archives/{names[0]}")).Status);
        Assert.Equal(201, (await world.ProjectsAsync("Hugo", "POST", "/1/archives")).Status);
    }

    /// <summary>A project of Hugo, with an id that only an administrator may choose.</summary>
    private async Task MakeAsync()
    {
        Assert.Equal(201, (await world.ProjectsAsync("Ada", "POST", "?name=Move&id=1", Dataset)).Status);
        Assert.Equal(204, (await world.ProjectsAsync("Ada", "PUT", "/1/access/Hugo", """{"role":"owner"}""")).Status);
    }
}
