using System.Text.Json;
using ServerlessSync.Core.Model;
using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;

namespace ServerlessSync.EndToEnd.Sync;

/// <summary>A project's id is returned as it was sent: pages compare it strictly.</summary>
public abstract class Keeping_project_ids(TestServer server)
{
    [Theory]
    [InlineData("7001")]
    [InlineData("\"7001\"")]
    [InlineData("-3")]
    [InlineData("0.5")]
    [InlineData("\"a/b\\\\c#d?e%2F..\"")]
    [InlineData("\"it's \\\"quoted\\\" & <b>bold</b>\"")]
    [InlineData("\"Größe 工程 😀\"")]
    [InlineData("\"p'q eq '1\"")]
    public async Task Every_message_has_the_project_with_its_type(string project)
    {
        var element = JsonSerializer.Deserialize<JsonElement>(project);
        Assert.True(JsonId.TryRead(element, out var id));
        await using var plan = await server.NewPlanAsync(id);
        var pages = await plan.OpenAsync("Hugo", "Ines");
        await pages[0].ChangeAsync(Say.Rename("10", "Changed"));
        foreach (var page in pages)
        {
            AssertProject(element, await page.NextAsync());
        }

        await pages[1].SendAsync(Say.Reset(project));
        foreach (var page in pages)
        {
            AssertProject(element, await page.NextAsync());
            AssertProject(element, await page.NextAsync());
        }

        AssertProject(element, await plan.LoadAsync());
    }

    [Fact]
    public async Task A_number_and_a_string_of_the_same_digits_are_two_projects()
    {
        await using var number = await server.NewPlanAsync(JsonId.Of(8001));
        await using var text = await server.NewPlanAsync(JsonId.Of("8001"));
        var hugo = await number.OpenAsync("Hugo");
        var ines = await text.OpenAsync("Ines");
        await hugo.ExpectAsync(await hugo.ChangeAsync(Say.Rename("10", "Of the number")));
        await ines.ExpectNothingAsync();
        Assert.Equal("Of the number", (await number.LoadAsync()).TaskName("10"));
        Assert.Equal("Legal review of the lease", (await text.LoadAsync()).TaskName("10"));
    }

    private static void AssertProject(JsonElement expected, Frame frame)
    {
        Assert.Null(frame.Error);
        Assert.True(JsonElement.DeepEquals(expected, frame.Data.GetProperty("project")), frame.Text);
    }
}

public sealed class Keeping_project_ids_in_process(InProcessServer server) : Keeping_project_ids(server);

public sealed class Keeping_project_ids_over_http(HttpServer server) : Keeping_project_ids(server);

public sealed class Keeping_project_ids_in_the_Functions_worker(WorkerServer server) : Keeping_project_ids(server);
