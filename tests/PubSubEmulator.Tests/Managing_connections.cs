using System.Text.Json;
using ServerlessSync.PubSubEmulator.Tests.Support;

namespace ServerlessSync.PubSubEmulator.Tests;

public sealed class Managing_connections : IAsyncLifetime
{
    private ScriptedUpstream upstream = null!;
    private EmulatorHost host = null!;

    public async ValueTask InitializeAsync()
    {
        upstream = await ScriptedUpstream.StartAsync();
        host = await EmulatorHost.StartAsync(EmulatorHost.Options(upstream.Template));
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Fact]
    public async Task A_connection_that_is_gone_cannot_join()
    {
        using var response = await host.RestAsync("PUT", "/groups/g/connections/gone");

        Assert.Equal("Error.Connection.NotExisted", Assert.Single(response.Headers.GetValues("x-ms-error-code")));
        await RestError.AssertAsync(response, 404, "Connection 'gone' does not exist.");
    }

    [Theory]
    [InlineData("HEAD", "/connections/gone", 404)]
    [InlineData("HEAD", "/users/gone", 404)]
    [InlineData("HEAD", "/groups/gone", 404)]
    [InlineData("PUT", "/users/gone/groups/g", 404)]
    [InlineData("PUT", "/groups/%20/connections/c", 400)]
    [InlineData("DELETE", "/groups/g/connections/gone", 204)]
    [InlineData("DELETE", "/connections/gone/groups", 204)]
    [InlineData("DELETE", "/users/gone/groups/g", 204)]
    [InlineData("DELETE", "/users/gone/groups", 204)]
    [InlineData("DELETE", "/connections/gone", 204)]
    [InlineData("POST", "/:closeConnections", 204)]
    [InlineData("POST", "/groups/gone/:closeConnections", 204)]
    [InlineData("POST", "/users/gone/:closeConnections", 204)]
    [InlineData("PUT", "/permissions/sendToGroup/connections/gone", 404)]
    [InlineData("PUT", "/permissions/fly/connections/gone", 400)]
    [InlineData("DELETE", "/permissions/sendToGroup/connections/gone", 204)]
    [InlineData("HEAD", "/permissions/sendToGroup/connections/gone", 404)]
    public async Task Missing_connections_have_a_known_answer(string method, string path, int status)
    {
        Assert.Equal(status, await host.StatusAsync(method, path));
    }

    [Fact]
    public async Task The_groups_of_a_user_are_those_of_its_connections_now()
    {
        var first = await OpenAsync("ann");
        var second = await OpenAsync("ann");
        Assert.Equal(200, await host.StatusAsync("PUT", "/users/ann/groups/g"));
        await OpenAsync("ann");
        Assert.Equal([first, second], await MembersAsync("g"), StringComparer.Ordinal);

        Assert.Equal(204, await host.StatusAsync("DELETE", "/users/ann/groups/g"));
        Assert.Empty(await MembersAsync("g"));
    }

    [Fact]
    public async Task All_groups_can_be_left_at_once()
    {
        var ann = await OpenAsync("ann", "a", "b");
        var bob = await OpenAsync("bob", "a", "b");
        await host.StatusAsync("DELETE", $"/connections/{ann}/groups");
        Assert.Equal([bob], await MembersAsync("a"), StringComparer.Ordinal);

        await host.StatusAsync("DELETE", "/users/bob/groups");
        Assert.Equal(404, await host.StatusAsync("HEAD", "/groups/a"));
        Assert.Equal(404, await host.StatusAsync("HEAD", "/groups/b"));
    }

    [Fact]
    public async Task A_generation_of_a_group_moves_by_filter()
    {
        var ann = await OpenAsync("ann", "p.1");
        await OpenAsync("bob");
        var zoe = await OpenAsync("zoe", "p.1");

        Assert.Equal(
            200,
            await host.StatusAsync("POST", "/:addToGroups", """{"groups":["p.2"],"filter":"'p.1' in groups"}""")
        );
        Assert.Equal(
            200,
            await host.StatusAsync("POST", "/:removeFromGroups", """{"groups":["p.1"],"filter":"'p.1' in groups"}""")
        );

        Assert.Equal([ann, zoe], await MembersAsync("p.2"), StringComparer.Ordinal);
        Assert.Empty(await MembersAsync("p.1"));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"groups":[]}""")]
    [InlineData("""{"groups":[null]}""")]
    [InlineData("""{"groups":[" "]}""")]
    [InlineData("""{"groups":["g"],"filter":"nonsense"}""")]
    [InlineData("nonsense")]
    public async Task A_bulk_change_of_nothing_sensible_is_refused(string body)
    {
        Assert.Equal(400, await host.StatusAsync("POST", "/:addToGroups", body));
    }

    [Fact]
    public async Task A_large_group_is_listed_in_pages()
    {
        var all = new List<string>();
        for (var number = 0; number < 5; number++)
        {
            all.Add(await OpenAsync($"u{number}", "g"));
        }

        var pages = new List<int>();
        var seen = new List<string>();
        var link = $"{host.Url}/api/hubs/sync/groups/g/connections?maxpagesize=2&{EmulatorHost.Version}";
        while (link is not null)
        {
            using var response = await host.RawRestAsync("GET", link, host.Sign(link));
            using var page = JsonDocument.Parse(
                await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)
            );
            var members = page.RootElement.GetProperty("value").EnumerateArray().ToArray();
            pages.Add(members.Length);
            seen.AddRange(members.Select(member => member.GetProperty("connectionId").GetString()!));
            link = page.RootElement.TryGetProperty("nextLink", out var next) ? next.GetString() : null;
        }

        Assert.Equal([2, 2, 1], pages);
        Assert.Equal(all, seen, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("?top=3", 3)]
    [InlineData("?top=1&maxpagesize=2", 1)]
    [InlineData("", 4)]
    public async Task A_list_can_be_cut(string query, int count)
    {
        for (var number = 0; number < 4; number++)
        {
            await OpenAsync($"u{number}", "g");
        }

        using var response = await host.RestAsync("GET", "/groups/g/connections" + query);
        using var page = JsonDocument.Parse(
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)
        );
        Assert.Equal(count, page.RootElement.GetProperty("value").GetArrayLength());
        Assert.Equal("u0", page.RootElement.GetProperty("value")[0].GetProperty("userId").GetString());
        Assert.False(page.RootElement.TryGetProperty("nextLink", out _));
    }

    [Theory]
    [InlineData("?maxpagesize=0")]
    [InlineData("?maxpagesize=201")]
    [InlineData("?top=0")]
    [InlineData("?continuationToken=!")]
    public async Task A_list_has_limits(string query)
    {
        Assert.Equal(400, await host.StatusAsync("GET", "/groups/g/connections" + query));
    }

    [Fact]
    public async Task Closing_many_can_spare_some()
    {
        var ann = await OpenAsync("ann", "g");
        var bob = await OpenAsync("bob", "g");
        var zoe = await OpenAsync("zoe");
        await host.StatusAsync("POST", $"/groups/g/:closeConnections?excluded={ann}");
        Assert.Equal(404, await host.StatusAsync("HEAD", $"/connections/{bob}"));
        Assert.Equal(200, await host.StatusAsync("HEAD", $"/connections/{ann}"));

        await host.StatusAsync("POST", "/users/ann/:closeConnections");
        Assert.Equal(404, await host.StatusAsync("HEAD", $"/connections/{ann}"));
        Assert.Equal(200, await host.StatusAsync("HEAD", $"/connections/{zoe}"));
    }

    [Fact]
    public async Task Permissions_are_kept_per_group()
    {
        var path = $"/permissions/sendToGroup/connections/{await OpenAsync("ann")}";
        Assert.Equal(404, await host.StatusAsync("HEAD", path));
        Assert.Equal(200, await host.StatusAsync("PUT", path + "?targetName=g"));
        Assert.Equal(200, await host.StatusAsync("HEAD", path + "?targetName=g"));
        Assert.Equal(404, await host.StatusAsync("HEAD", path + "?targetName=h"));
        Assert.Equal(200, await host.StatusAsync("PUT", path));
        Assert.Equal(200, await host.StatusAsync("HEAD", path + "?targetName=h"));
        Assert.Equal(204, await host.StatusAsync("DELETE", path));
        Assert.Equal(404, await host.StatusAsync("HEAD", path + "?targetName=g"));
    }

    [Fact]
    public async Task Roles_of_the_token_are_permissions()
    {
        await host.ConnectAsync("ann", ("role", "webpubsub.joinLeaveGroup.g"));
        var path = $"/permissions/joinLeaveGroup/connections/{(await upstream.NextAsync("connected")).Connection}";

        Assert.Equal(200, await host.StatusAsync("HEAD", path + "?targetName=g"));
        Assert.Equal(404, await host.StatusAsync("HEAD", path));
    }

    [Fact]
    public async Task A_generated_token_opens_a_connection()
    {
        using var response = await host.RestAsync(
            "POST",
            "/:generateToken?userId=eve&group=a&group=b&role=r&minutesToExpire=5"
        );
        using var body = JsonDocument.Parse(
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)
        );
        await host.ConnectToAsync(
            "/client/hubs/sync?access_token=" + body.RootElement.GetProperty("token").GetString()
        );

        Assert.Equal(200, await host.StatusAsync("HEAD", "/users/eve"));
        Assert.Equal(200, await host.StatusAsync("HEAD", "/groups/b"));
        Assert.Equal(400, await host.StatusAsync("POST", "/:generateToken?minutesToExpire=0"));
        Assert.Equal(400, await host.StatusAsync("POST", "/:generateToken?group=%20"));
    }

    private async Task<string> OpenAsync(string user, params string[] groups)
    {
        await host.ConnectAsync(user, ("webpubsub.group", groups));
        return (await upstream.NextAsync("connected")).Connection;
    }

    private async Task<List<string>> MembersAsync(string group)
    {
        using var response = await host.RestAsync("GET", $"/groups/{group}/connections");
        using var page = JsonDocument.Parse(
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)
        );
        return
        [
            .. page
                .RootElement.GetProperty("value")
                .EnumerateArray()
                .Select(member => member.GetProperty("connectionId").GetString()!),
        ];
    }
}
