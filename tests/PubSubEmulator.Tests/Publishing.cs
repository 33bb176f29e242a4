using System.Net;
using System.Net.WebSockets;
using ServerlessSync.PubSubEmulator.Tests.Support;

namespace ServerlessSync.PubSubEmulator.Tests;

public sealed class Publishing : IAsyncLifetime
{
    private readonly ManualTime time = new();
    private ScriptedUpstream upstream = null!;
    private EmulatorHost host = null!;

    public async ValueTask InitializeAsync()
    {
        upstream = await ScriptedUpstream.StartAsync();
        host = await EmulatorHost.StartAsync(EmulatorHost.Options(upstream.Template), time);
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Theory]
    [InlineData("application/json", WebSocketMessageType.Text)]
    [InlineData("text/plain; charset=utf-8", WebSocketMessageType.Text)]
    [InlineData("application/octet-stream", WebSocketMessageType.Binary)]
    [InlineData(null, WebSocketMessageType.Binary)]
    public async Task The_body_arrives_as_it_is(string? contentType, WebSocketMessageType type)
    {
        var (client, _) = await OpenAsync("ann");

        using var response = await host.RestAsync("POST", "/:send", """{ "a" : 1.0 }""", contentType);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(new Got(type, """{ "a" : 1.0 }"""), await client.ReceiveAsync());
    }

    [Fact]
    public async Task Every_scope_reaches_its_own()
    {
        var (ann, annId) = await OpenAsync("ann", "g");
        var (bob, _) = await OpenAsync("bob", "g");
        var (zoe, _) = await OpenAsync("zoe");

        await SendAsync("/:send", "all");
        await SendAsync("/groups/g/:send", "group");
        await SendAsync("/users/bob/:send", "user");
        await SendAsync($"/connections/{annId}/:send", "connection");
        await SendAsync("/:send", "end");

        Assert.Equal(["all", "group", "connection", "end"], await TextsAsync(ann, 4), StringComparer.Ordinal);
        Assert.Equal(["all", "group", "user", "end"], await TextsAsync(bob, 4), StringComparer.Ordinal);
        Assert.Equal(["all", "end"], await TextsAsync(zoe, 2), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("/groups/nobody/:send")]
    [InlineData("/users/nobody/:send")]
    [InlineData("/connections/nobody/:send")]
    public async Task Sending_without_receivers_is_accepted(string path)
    {
        Assert.Equal(202, await host.StatusAsync("POST", path, "1"));
    }

    [Fact]
    public async Task Excluded_connections_and_a_filter_narrow_a_send()
    {
        var (ann, annId) = await OpenAsync("ann", "g", "vip");
        var (bob, bobId) = await OpenAsync("bob", "g");
        var (zoe, _) = await OpenAsync("zoe", "g");

        await SendAsync($"/groups/g/:send?excluded={annId}&excluded={bobId}", "not ann, not bob");
        await SendAsync("/groups/g/:send?filter=" + Uri.EscapeDataString($"connectionId eq '{bobId}'"), "bob");
        await SendAsync("/:send?filter=" + Uri.EscapeDataString("'vip' in groups or userId eq 'zoe'"), "vip or zoe");
        await SendAsync("/:send", "end");

        Assert.Equal(["vip or zoe", "end"], await TextsAsync(ann, 2), StringComparer.Ordinal);
        Assert.Equal(["bob", "end"], await TextsAsync(bob, 2), StringComparer.Ordinal);
        Assert.Equal(["not ann, not bob", "vip or zoe", "end"], await TextsAsync(zoe, 3), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Awaited_sends_arrive_in_their_order_over_all_kinds_of_send()
    {
        var (client, id) = await OpenAsync("ann", "g");
        string[] paths = ["/groups/g/:send", "/users/ann/:send", $"/connections/{id}/:send", "/:send"];
        for (var number = 0; number < 200; number++)
        {
            await SendAsync(paths[number % paths.Length], $"{number}");
        }

        Assert.Equal(
            Enumerable.Range(0, 200).Select(number => $"{number}"),
            await TextsAsync(client, 200),
            StringComparer.Ordinal
        );
    }

    [Fact]
    public async Task A_send_awaited_in_a_handler_comes_before_its_answer()
    {
        upstream.OnMessage(async _ =>
        {
            await SendAsync("/groups/g/:send", "sent");
            return Reply.Text("answer");
        });
        var (client, _) = await OpenAsync("ann", "g");
        await client.SendAsync("x");

        Assert.Equal(["sent", "answer"], await TextsAsync(client, 2), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_join_that_was_answered_is_in_the_next_send()
    {
        var (client, id) = await OpenAsync("ann");
        for (var number = 0; number < 50; number++)
        {
            Assert.Equal(200, await host.StatusAsync("PUT", $"/groups/g/connections/{id}"));
            await SendAsync("/groups/g/:send", $"in {number}");
            Assert.Equal(204, await host.StatusAsync("DELETE", $"/groups/g/connections/{id}"));
            await SendAsync("/groups/g/:send", "out");
        }

        Assert.Equal(
            Enumerable.Range(0, 50).Select(number => $"in {number}"),
            await TextsAsync(client, 50),
            StringComparer.Ordinal
        );
    }

    [Fact]
    public async Task An_expired_message_is_not_delivered()
    {
        var (client, _) = await OpenAsync("ann");
        var big = '"' + new string('x', 1_000_000) + '"';
        var before = 0;

        // More than the buffers of two sockets (10 MB at most by default) and less than the queue takes, so that later frames wait.
        for (; before < 15; before++)
        {
            Assert.Equal(202, await host.StatusAsync("POST", "/:send", big));
        }

        Assert.Equal(202, await host.StatusAsync("POST", "/:send?messageTtlSeconds=10", "\"short-lived\""));
        Assert.Equal(202, await host.StatusAsync("POST", "/:send?messageTtlSeconds=0", "\"for ever\""));
        time.Advance(TimeSpan.FromSeconds(11));
        for (; before > 0; before--)
        {
            await client.ReceiveAsync();
        }

        Assert.Equal("\"for ever\"", await client.TextAsync());
    }

    [Fact]
    public async Task A_group_name_is_taken_as_it_was_escaped()
    {
        var (client, id) = await OpenAsync("ann");
        Assert.Equal(200, await host.StatusAsync("PUT", $"/groups/a%2Fb/connections/{id}"));
        await SendAsync("/groups/a%252Fb/:send", "another group");
        await SendAsync("/groups/a%2Fb/:send", "this group");

        Assert.Equal("this group", await client.TextAsync());
    }

    private async Task<(TestClient Client, string Id)> OpenAsync(string user, params string[] groups)
    {
        var client = await host.ConnectAsync(user, ("webpubsub.group", groups));
        return (client, (await upstream.NextAsync("connected")).Connection);
    }

    private async Task SendAsync(string path, string text)
    {
        using var response = await host.RestAsync("POST", path, text, "text/plain");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    private static async Task<List<string>> TextsAsync(TestClient client, int count)
    {
        var texts = new List<string>();
        while (texts.Count < count)
        {
            texts.Add(await client.TextAsync());
        }

        return texts;
    }
}
