using ServerlessSync.Api.Users;

namespace ServerlessSync.Api.Tests;

/// <summary>Ids and names in addresses are read exactly, or refused.</summary>
public sealed class Addressing_projects : IAsyncDisposable
{
    private const string Dataset = """{"tasksData":[{"id":1,"name":"Plan"}]}""";
    private const string Editor = """{"role":"editor"}""";

    private readonly ApiWorld world = new(new DevelopmentUserAuthenticator());

    public ValueTask DisposeAsync() => world.DisposeAsync();

    [Theory]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("-9007199254740993", "-9007199254740992")]
    [InlineData("1e400", "out of range")]
    [InlineData("1e-400", "nearest number is 0")]
    [InlineData("0.10000000000000001", "nearest number is 0.1")]
    public async Task A_number_that_is_not_exact_is_no_id(string id, string reason)
    {
        var created = await world.ProjectsAsync("Hugo", "POST", $"?name=Plan&id={id}", Dataset);
        var deleted = await world.ProjectsAsync("Hugo", "DELETE", $"/{id}");

        Assert.Equal((400, 400), (created.Status, deleted.Status));
        Assert.Contains(reason, created.Detail, StringComparison.Ordinal);
        Assert.Equal(created.Detail, deleted.Detail);
    }

    [Theory]
    [InlineData("9007199254740992", "9007199254740992")]
    [InlineData("1e2", "100")]
    [InlineData("-1.50", "-1.5")]
    [InlineData("0.1", "0.1")]
    [InlineData("1e21", "1E+21")]
    public async Task An_exact_number_is_one_id_however_it_is_written(string id, string same)
    {
        Assert.Equal(201, (await world.ProjectsAsync("Hugo", "POST", $"?name=Plan&id={id}", Dataset)).Status);
        Assert.Equal(200, (await world.ProjectsAsync("Hugo", "GET", $"/{Uri.EscapeDataString(same)}/dataset")).Status);
    }

    [Theory]
    [InlineData("CONTOSO/ines")]
    [InlineData("CONTOSO\\ines")]
    [InlineData("100%")]
    [InlineData("a%2Fb")]
    [InlineData("a+b c?d#e&f=g")]
    [InlineData("\"ines\"")]
    [InlineData("Инес")]
    [InlineData("..")]
    public async Task A_name_in_the_query_is_taken_whole(string name)
    {
        await world.ProjectsAsync("Hugo", "POST", "?name=Plan&id=1", Dataset);

        Assert.Equal(204, (await world.ProjectsAsync("Hugo", "PUT", $"/1/access?user={Uri.EscapeDataString(name)}", Editor)).Status);
        Assert.Equal(new[] { "Hugo", name }.Order(StringComparer.Ordinal), await NamesAsync());
        Assert.Equal(204, (await world.ProjectsAsync("Hugo", "DELETE", $"/1/access?user={Uri.EscapeDataString(name)}")).Status);
        Assert.Equal(["Hugo"], await NamesAsync());
    }

    [Theory]
    [InlineData("CONTOSO/ines")]
    [InlineData("CONTOSO\\ines")]
    [InlineData("100%")]
    [InlineData("a+b c?d#e&f=g")]
    [InlineData("Инес")]
    public async Task A_name_in_the_path_is_taken_whole(string name)
    {
        await world.ProjectsAsync("Hugo", "POST", "?name=Plan&id=1", Dataset);

        Assert.Equal(204, (await world.ProjectsAsync("Hugo", "PUT", $"/1/access/{Uri.EscapeDataString(name)}", Editor)).Status);

        Assert.Equal(new[] { "Hugo", name }.Order(StringComparer.Ordinal), await NamesAsync());
    }

    [Fact]
    public async Task A_name_whose_slash_was_lost_on_the_way_is_refused_and_grants_nothing()
    {
        await world.ProjectsAsync("Hugo", "POST", "?name=Plan&id=1", Dataset);

        // An intermediate host decoded the path once and encoded it again.
        var answer = await world.ProjectsAsync("Hugo", "PUT", "/1/access/CONTOSO%252Fines", Editor);

        Assert.Equal(400, answer.Status);
        Assert.Contains("access?user=NAME", answer.Detail, StringComparison.Ordinal);
        Assert.Equal(["Hugo"], await NamesAsync());
    }

    [Theory]
    [InlineData("a%2Fb")]
    [InlineData("a%252Fb")]
    [InlineData(".")]
    [InlineData("%2E%2E")]
    [InlineData("a%E2%80%AEb")]
    public async Task An_id_that_an_address_loses_is_refused_when_it_is_chosen(string id)
    {
        var answer = await world.ProjectsAsync("Hugo", "POST", $"?name=Plan&id={id}", Dataset);

        Assert.Equal(400, answer.Status);
        Assert.StartsWith("id: ", answer.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("50% off")]
    [InlineData("a+b c?d#e&f=g")]
    [InlineData("C:\\plans")]
    [InlineData("план")]
    [InlineData("\"7\"")]
    public async Task An_id_of_free_text_is_reached_under_its_own_address(string id)
    {
        var address = Uri.EscapeDataString(id);
        Assert.Equal(201, (await world.ProjectsAsync("Hugo", "POST", $"?name=Plan&id={address}", Dataset)).Status);

        Assert.Equal(200, (await world.ProjectsAsync("Hugo", "GET", $"/{address}/dataset")).Status);
        Assert.Equal(204, (await world.ProjectsAsync("Hugo", "DELETE", $"/{address}")).Status);
    }

    [Fact]
    public async Task Dot_segments_in_a_path_are_refused()
    {
        var answer = await world.ProjectsAsync("Hugo", "GET", "/1/../2/dataset");

        Assert.Equal(400, answer.Status);
    }

    [Fact]
    public async Task A_server_that_keeps_no_target_is_asked_for_the_path()
    {
        await world.ProjectsAsync("Hugo", "POST", "?name=Plan&id=1", Dataset);

        Assert.Equal(200, (await world.ProjectsAsync("Hugo", "GET", "/1/dataset", keepTarget: false)).Status);
        Assert.Equal(400, (await world.ProjectsAsync("Hugo", "PUT", "/1/access/CONTOSO%252Fines", Editor, keepTarget: false)).Status);
    }

    [Fact]
    public async Task Pages_of_the_list_continue_where_the_previous_one_ended()
    {
        for (var number = 1; number <= 5; number++)
        {
            await world.ProjectsAsync("Hugo", "POST", $"?name=Plan&id={number}", Dataset);
        }

        var ids = new List<long>();
        var query = "?limit=2";
        while (true)
        {
            var page = (await world.ProjectsAsync("Hugo", "GET", query)).Json;
            ids.AddRange(page.GetProperty("projects").EnumerateArray().Select(static project => project.GetProperty("id").GetInt64()));
            if (page.GetProperty("after").GetString() is not { } after)
            {
                break;
            }

            query = $"?limit=2&after={after}";
        }

        Assert.Equal([1, 2, 3, 4, 5], ids);
        Assert.Equal(400, (await world.ProjectsAsync("Hugo", "GET", "?limit=201")).Status);
        Assert.Equal(400, (await world.ProjectsAsync("Hugo", "GET", "?limit=0")).Status);
        Assert.Equal(400, (await world.ProjectsAsync("Hugo", "GET", "?after=%25%25")).Status);
    }

    private async Task<IEnumerable<string>> NamesAsync() =>
        (await world.ProjectsAsync("Hugo", "GET", "/1/access"))
            .Json.GetProperty("users")
            .EnumerateObject()
            .Select(static user => user.Name)
            .Order(StringComparer.Ordinal);
}
