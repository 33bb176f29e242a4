using Microsoft.AspNetCore.Http;
using ServerlessSync.Api.Users;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Api.Tests;

public sealed class Managing_projects : IAsyncDisposable
{
    private const string Dataset = """{"tasksData":[{"id":1,"name":"Plan"}],"project":{"startDate":"2027-04-05"}}""";

    private readonly ApiWorld world = new(new DevelopmentUserAuthenticator());

    public ValueTask DisposeAsync() => world.DisposeAsync();

    [Fact]
    public async Task The_creator_of_a_project_owns_it_and_no_other_user_sees_it()
    {
        var created = await world.ProjectsAsync("Hugo", "POST", "?name=Office%20move", Dataset);

        Assert.Equal(StatusCodes.Status201Created, created.Status);
        var id = created.Json.GetProperty("id").GetString()!;
        var listed = (await world.ProjectsAsync("Hugo", "GET")).Json.GetProperty("projects");
        Assert.Equal((id, "Office move"), (listed[0].GetProperty("id").GetString(), listed[0].GetProperty("name").GetString()));
        Assert.Equal(0, (await world.ProjectsAsync("Ines", "GET")).Json.GetProperty("projects").GetArrayLength());
        Assert.Equal(404, (await world.ProjectsAsync("Ines", "GET", $"/{id}/dataset")).Status);
        Assert.Equal("""{"everybody":"none","users":{"Hugo":"owner"}}""", (await world.ProjectsAsync("Hugo", "GET", $"/{id}/access")).Body);
    }

    [Fact]
    public async Task The_dataset_is_exported_as_clients_get_it_with_its_revision()
    {
        await world.ProjectsAsync("Hugo", "POST", "?name=Move&id=7", Dataset);

        var exported = await world.ProjectsAsync("Hugo", "GET", "/7/dataset");

        Assert.Equal(200, exported.Status);
        Assert.Equal("0", exported.Headers["Sync-Revision"].ToString());
        Assert.Equal("Plan", exported.Json.GetProperty("tasksData")[0].GetProperty("name").GetString());
        Assert.Equal("2027-04-05", exported.Json.GetProperty("project").GetProperty("startDate").GetString());
    }

    [Fact]
    public async Task A_number_and_the_same_text_are_two_projects()
    {
        Assert.Equal(201, (await world.ProjectsAsync("Hugo", "POST", "?name=Number&id=7", Dataset)).Status);
        Assert.Equal(201, (await world.ProjectsAsync("Hugo", "POST", "?name=Text&id=%227%22", Dataset)).Status);

        var listed = (await world.ProjectsAsync("Hugo", "GET")).Json.GetProperty("projects").EnumerateArray();

        Assert.Equal(
            ["7 Number", "\"7\" Text"],
            listed.Select(static project => $"{project.GetProperty("id").GetRawText()} {project.GetProperty("name").GetString()}")
        );
        Assert.Equal(409, (await world.ProjectsAsync("Ines", "POST", "?name=Mine&id=7", Dataset)).Status);
    }

    [Fact]
    public async Task Roles_are_given_and_taken_by_owners_alone()
    {
        await world.ProjectsAsync("Hugo", "POST", "?name=Move&id=1", Dataset);

        Assert.Equal(204, (await world.ProjectsAsync("Hugo", "PUT", "/1/access/Ines", """{"role":"viewer"}""")).Status);
        Assert.Equal(200, (await world.ProjectsAsync("Ines", "GET", "/1/dataset")).Status);
        Assert.Equal(1, (await world.ProjectsAsync("Ines", "GET")).Json.GetProperty("projects").GetArrayLength());
        Assert.Equal(403, (await world.ProjectsAsync("Ines", "PUT", "/1/access/Jo", """{"role":"owner"}""")).Status);
        Assert.Equal(403, (await world.ProjectsAsync("Ines", "DELETE", "/1")).Status);
        Assert.Equal(404, (await world.ProjectsAsync("Jo", "PUT", "/1/access/Jo", """{"role":"owner"}""")).Status);
        Assert.Equal(204, (await world.ProjectsAsync("Hugo", "DELETE", "/1/access/Ines")).Status);
        Assert.Equal(404, (await world.ProjectsAsync("Ines", "GET", "/1/dataset")).Status);
        Assert.Equal(0, (await world.ProjectsAsync("Ines", "GET")).Json.GetProperty("projects").GetArrayLength());
    }

    [Fact]
    public async Task A_star_means_all_users()
    {
        await world.ProjectsAsync("Hugo", "POST", "?name=Move&id=1", Dataset);

        await world.ProjectsAsync("Hugo", "PUT", "/1/access/*", """{"role":"editor"}""");

        Assert.Equal(200, (await world.ProjectsAsync("Jo", "GET", "/1/dataset")).Status);
        Assert.Equal("editor", (await world.ProjectsAsync("Hugo", "GET", "/1/access")).Json.GetProperty("everybody").GetString());
    }

    [Fact]
    public async Task A_project_keeps_an_owner()
    {
        await world.ProjectsAsync("Hugo", "POST", "?name=Move&id=1", Dataset);

        var refused = await world.ProjectsAsync("Hugo", "DELETE", "/1/access/Hugo");

        Assert.Equal(400, refused.Status);
        Assert.Equal("role: a project keeps at least one owner", refused.Detail);
    }

    [Fact]
    public async Task A_deleted_project_is_gone_with_its_rows_and_its_id_is_never_used_again()
    {
        await world.ProjectsAsync("Hugo", "POST", "?name=Move&id=1", Dataset);

        Assert.Equal(204, (await world.ProjectsAsync("Hugo", "DELETE", "/1")).Status);

        Assert.Equal(0, (await world.ProjectsAsync("Hugo", "GET")).Json.GetProperty("projects").GetArrayLength());
        Assert.Equal(404, (await world.ProjectsAsync("Hugo", "GET", "/1/dataset")).Status);
        Assert.Equal(204, (await world.ProjectsAsync("Hugo", "DELETE", "/1")).Status);
        Assert.Equal(404, (await world.ProjectsAsync("Ines", "DELETE", "/1")).Status);
        Assert.Equal(409, (await world.ProjectsAsync("Hugo", "POST", "?name=Again&id=1", Dataset)).Status);
        Assert.Equal(0, (await world.ProjectsAsync("Hugo", "GET")).Json.GetProperty("projects").GetArrayLength());
        Assert.Equal(["head"], await RowsOfAsync(new ProjectId(JsonId.Of(1))));
    }

    [Theory]
    [InlineData("POST", "?name=", Dataset, 400, "name: 1 to 200 characters.")]
    [InlineData("POST", "?name=x&id=%22%22", Dataset, 400, "id: 1 to 128 characters, no control characters")]
    [InlineData("PUT", "/1/access/Ines", """{"role":"king"}""", 400, "role: must be viewer, editor or owner")]
    [InlineData("PUT", "/1/access/Ines", "role", 400, "body: line 1, column 1: not JSON from here on")]
    [InlineData("PUT", "/1/access/Ines", "", 400, "body: the text is empty")]
    [InlineData("PUT", "/1/access/Ines", "{\"role\":\"viewer\",\n}", 400, "body: line 2, column 1: trailing comma before a closing bracket")]
    [InlineData("PUT", "/1/access/Ines", """["viewer"]""", 400, "body: must be a JSON object")]
    [InlineData("PUT", "/1/access/Ines", """{"role":"\ud800"}""", 400, "role: must be viewer, editor or owner")]
    [InlineData("PUT", "/1/access/Ines", """{"role":7}""", 400, "role: must be viewer, editor or owner")]
    [InlineData("PUT", "/1/access/Ines", """{"\ud800":7}""", 400, "body: line 1, column 2: the name ?ud800 contains a lone surrogate")]
    [InlineData("PUT", "/1/access/Ines", """{"role":"owner","role":"viewer"}""", 400, "body: line 1, column 17: the name role occurs twice in one object")]
    [InlineData("POST", "/1/restore", """{"revision":"\ud800"}""", 400, "revision: must be a whole number of at least 0")]
    [InlineData("POST", "/1/restore", """{"revision":-1}""", 400, "revision: must be a whole number of at least 0")]
    [InlineData("POST", "/1/restore", """{"revision":0,}""", 400, "body: line 1, column 15: trailing comma before a closing bracket")]
    [InlineData("PATCH", "/1", null, 405, "This address takes DELETE.")]
    [InlineData("GET", "/1/other", null, 404, "There is nothing at this address.")]
    public async Task Refusals_name_the_field_and_the_limit(
        string method,
        string path,
        string? body,
        int status,
        string detail
    )
    {
        await world.ProjectsAsync("Hugo", "POST", "?name=Move&id=1", Dataset);

        var answer = await world.ProjectsAsync("Hugo", method, path, body);

        Assert.Equal((status, detail), (answer.Status, answer.Detail));
        Assert.StartsWith("application/problem+json", answer.Headers.ContentType.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "the text is empty")]
    [InlineData("[1", "line 1, column 3: the JSON ends too early")]
    [InlineData("{\"tasksData\":[\n  {\"id\":1},\n]}", "line 3, column 1: trailing comma before a closing bracket")]
    public async Task A_dataset_that_is_none_is_refused_with_the_reason_and_its_place(string dataset, string reason)
    {
        var answer = await world.ProjectsAsync("Hugo", "POST", "?name=Move", dataset);

        Assert.Equal((400, reason), (answer.Status, answer.Detail));
    }

    [Fact]
    public async Task A_dataset_with_a_byte_order_mark_is_taken()
    {
        Assert.Equal(201, (await world.ProjectsAsync("Hugo", "POST", "?name=Move&id=1", "\uFEFF" + Dataset)).Status);

        Assert.Equal("Plan", (await world.ProjectsAsync("Hugo", "GET", "/1/dataset")).Json.GetProperty("tasksData")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_not_read_to_its_end()
    {
        await world.ProjectsAsync("Hugo", "POST", "?name=Move&id=1", Dataset);

        var answer = await world.ProjectsAsync("Hugo", "PUT", "/1/access/Ines", new string(' ', 5_000));

        Assert.Equal((413, "body: at most 4096 bytes"), (answer.Status, answer.Detail));
    }

    [Fact]
    public async Task Unauthenticated_requests_learn_how_to_sign_in_and_nothing_else()
    {
        var answer = await world.ProjectsAsync(string.Empty, "GET");

        Assert.Equal(401, answer.Status);
        Assert.StartsWith("Development", answer.Headers.WWWAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.Equal("no-store", answer.Headers.CacheControl.ToString());
    }

    [Fact]
    public async Task A_signed_in_person_gets_the_address_of_a_socket()
    {
        var answer = await world.NegotiateAsync("Hugo");

        Assert.Equal(200, answer.Status);
        Assert.Equal("Hugo", answer.Json.GetProperty("user").GetString());
        Assert.EndsWith("access_token=Hugo", answer.Json.GetProperty("url").GetString(), StringComparison.Ordinal);
        Assert.Equal(401, (await world.NegotiateAsync(string.Empty)).Status);
        Assert.Equal(405, (await world.NegotiateAsync("Hugo", "GET")).Status);
    }

    [Fact]
    public async Task Without_an_identity_provider_every_call_learns_what_is_missing()
    {
        await using var closed = new ApiWorld(new UnconfiguredUserAuthenticator("set this and that"));

        foreach (var answer in new[] { await closed.NegotiateAsync("Hugo"), await closed.ProjectsAsync("Hugo", "GET"), await closed.NegotiateAsync("") })
        {
            Assert.Equal((501, "set this and that"), (answer.Status, answer.Detail));
            // Waiting does not help, and no token would.
            Assert.False(answer.Headers.ContainsKey("Retry-After"));
            Assert.False(answer.Headers.ContainsKey("WWW-Authenticate"));
        }
    }

    private async Task<List<string>> RowsOfAsync(ProjectId project)
    {
        var keys = new List<string>();
        await foreach (
            var row in world.Store.QueryAsync(TableName.Data, project.Key, new RowRange("0", "~"), limit: null, CancellationToken.None)
        )
        {
            keys.Add(row.RowKey);
        }

        return keys;
    }
}
