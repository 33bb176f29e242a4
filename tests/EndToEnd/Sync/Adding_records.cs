using System.Text.Json;
using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;

namespace ServerlessSync.EndToEnd.Sync;

/// <summary>New records arrive with a phantom id and get a permanent one that all clients agree on.</summary>
public abstract class Adding_records(TestServer server)
{
    private const string Task = "_generatedTaskModel_2b1f";
    private const string Link = "_generatedDependencyModel_77a0";

    [Fact]
    public async Task A_new_task_comes_to_all_with_its_id_beside_the_phantom_and_links_to_it_get_the_id()
    {
        await using var plan = await server.NewPlanAsync();
        var pages = await plan.OpenAsync("Hugo", "Ines");
        var before = pages[0].Revision;
        await pages[0].ChangeAsync(TaskAndLink(Task, Link));
        var seen = (await pages[0].RevisionsAsync(1))[0];
        Assert.Equal(seen.GetRawText(), (await pages[1].RevisionsAsync(1))[0].GetRawText());

        var changes = seen.GetProperty("changes");
        var id = AssertNamed(changes.GetProperty("tasks"), Task);
        var link = AssertNamed(changes.GetProperty("dependencies"), Link);
        foreach (var end in EndsOf(changes.GetProperty("dependencies")))
        {
            Assert.Equal(id.GetRawText(), end.GetRawText());
        }

        var loaded = await plan.LoadAsync();
        Assert.Equal(before + 1, loaded.Revision);
        var task = loaded.Task(id.GetRawText())!.Value;
        Assert.Equal("New one", task.GetProperty("name").GetString());
        Assert.False(task.TryGetProperty("$PhantomId", out _));
        var parent = loaded.Task("1")!.Value;
        Assert.Contains(
            parent.GetProperty("children").EnumerateArray(),
            child => child.GetProperty("id").GetRawText() == id.GetRawText()
        );
        var stored = loaded.Record("dependenciesData", link.GetRawText())!.Value;
        Assert.Equal(id.GetRawText(), stored.GetProperty("to").GetRawText());
        Assert.DoesNotContain("_generated", loaded.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_phantom_that_is_named_again_before_the_answer_means_the_same_record()
    {
        await using var plan = await server.NewPlanAsync();
        var hugo = await plan.OpenAsync("Hugo");
        var phantom = $"{Task}_again";
        await hugo.SendAsync(
            Say.Change(
                plan.Project,
                hugo.Client,
                Say.Revision("local-1", hugo.Client, Add(phantom, "First name")),
                Say.Revision("local-2", hugo.Client, Add($"{phantom}_other", "Another one")),
                Say.Revision("local-3", hugo.Client, Add(phantom, "Second name")),
                Say.Revision("local-4", hugo.Client, Say.Rename($"\"{phantom}\"", "Third name"))
            )
        );
        var seen = await hugo.RevisionsAsync(4);
        var id = AddedIdOf(seen[0]);
        var again = AddedIdOf(seen[2]);
        Assert.Equal(id.GetRawText(), again.GetRawText());
        Assert.Equal(Say.Rename(id.GetRawText(), "Third name"), seen[3].GetProperty("changes").GetRawText());
        var loaded = await plan.LoadAsync();
        Assert.Equal("Third name", loaded.TaskName(id.GetRawText()));
        Assert.Single(loaded.Tasks(), task => task.GetProperty("name").GetString() is "Third name");
    }

    [Fact]
    public async Task A_branch_of_new_tasks_is_one_branch_for_a_newcomer()
    {
        await using var plan = await server.NewPlanAsync();
        var hugo = await plan.OpenAsync("Hugo");
        const string Parent = """{"$PhantomId":"_generatedTaskModel_p","name":"Parent","parentId":2}""";
        const string Child =
            """{"$PhantomId":"_generatedTaskModel_c","name":"Child","parentId":"_generatedTaskModel_p","$PhantomParentId":"_generatedTaskModel_p"}""";
        await hugo.ChangeAsync(
            $$$$"""{"tasks":{"added":[{{{{Parent}}}},{{{{Child}}}}],"$input":{"added":[{{{{Parent}}}},{{{{Child}}}}]}}}"""
        );
        await hugo.RevisionsAsync(1);
        var phase = (await plan.LoadAsync()).Task("2")!.Value;
        var parent = phase.GetProperty("children").EnumerateArray().Last(static task =>
            task.GetProperty("name").GetString() is "Parent"
        );
        Assert.Equal("Child", Assert.Single(parent.GetProperty("children").EnumerateArray()).GetProperty("name").GetString());
    }

    [Fact]
    public async Task Pages_that_add_at_once_get_ids_of_their_own()
    {
        await using var plan = await server.NewPlanAsync();
        var pages = await plan.OpenAsync("A", "B", "C", "D");
        await System.Threading.Tasks.Task.WhenAll(
            pages.Select((page, index) => page.ChangeAsync(Add($"{Task}_{index}", $"Of page {index}")))
        );
        var seen = await pages[0].RevisionsAsync(pages.Length);
        var ids = seen.Select(static revision => AddedIdOf(revision).GetRawText());
        Assert.Equal(pages.Length, ids.Distinct().Count());
    }

    private static JsonElement AddedIdOf(JsonElement revision) =>
        revision.GetProperty("changes").GetProperty("tasks").GetProperty("added")[0].GetProperty("id");

    private static string Add(string phantom, string name)
    {
        var task = $$"""{"$PhantomId":"{{phantom}}","name":"{{name}}","parentId":1}""";
        return $$$$"""{"tasks":{"added":[{{{{task}}}}],"$input":{"added":[{{{{task}}}}]}}}""";
    }

    private static string TaskAndLink(string phantom, string link)
    {
        var task = $$"""{"$PhantomId":"{{phantom}}","name":"New one","parentId":1,"startDate":"2027-04-05T00:00:00"}""";
        var dependency = $$"""{"$PhantomId":"{{link}}","from":10,"to":"{{phantom}}","type":2}""";
        return $$$$"""{"tasks":{"added":[{{{{task}}}}],"$input":{"added":[{{{{task}}}}]}},"dependencies":{"added":[{{{{dependency}}}}],"$input":{"added":[{{{{dependency}}}}]}}}""";
    }

    /// <summary>The id of the one added record, in the results and in the input.</summary>
    private static JsonElement AssertNamed(JsonElement store, string phantom)
    {
        var result = Assert.Single(store.GetProperty("added").EnumerateArray());
        var input = Assert.Single(store.GetProperty("$input").GetProperty("added").EnumerateArray());
        Assert.Equal(phantom, result.GetProperty("$PhantomId").GetString());
        Assert.Equal(phantom, input.GetProperty("$PhantomId").GetString());
        var id = result.GetProperty("id");
        Assert.Equal(id.GetRawText(), input.GetProperty("id").GetRawText());
        Assert.NotEqual($"\"{phantom}\"", id.GetRawText());
        return id;
    }

    private static IEnumerable<JsonElement> EndsOf(JsonElement links) =>
        [
            links.GetProperty("added")[0].GetProperty("to"),
            links.GetProperty("$input").GetProperty("added")[0].GetProperty("to"),
        ];
}

public sealed class Adding_records_in_process(InProcessServer server) : Adding_records(server);

public sealed class Adding_records_over_http(HttpServer server) : Adding_records(server);

public sealed class Adding_records_in_the_Functions_worker(WorkerServer server) : Adding_records(server);
