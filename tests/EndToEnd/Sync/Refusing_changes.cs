using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;

namespace ServerlessSync.EndToEnd.Sync;

/// <summary>
/// Changes that are refused. Their author has already applied them, so it receives the reason and then the dataset, which
/// brings it back in step.
/// </summary>
public abstract class Refusing_changes(TestServer server)
{
    /// <summary>A label, the value of <c>revisions</c>, and the reason.</summary>
    private static (string Label, string Revisions, string Reason)[] Bad =>
        [
            ("missing", "null", "data.revisions must be a non-empty array"),
            ("empty", "[]", "data.revisions must be a non-empty array"),
            ("a number in it", "[7]", "data.revisions[0] must be an object"),
            ("no local revision", """[{"changes":{}}]""", "data.revisions[0].revision must be a string or a number of at most 200 characters"),
            ("changes missing", """[{"revision":"local-1"}]""", "data.revisions[0].changes must be an object"),
            ("changes null", """[{"revision":"local-1","changes":null}]""", "data.revisions[0].changes must be an object"),
            ("the second is bad", """[{"revision":"local-1","changes":{}},{"revision":"local-2","changes":[]}]""", "data.revisions[1].changes must be an object"),
            ("object for client", """[{"revision":"local-1","clientId":{},"changes":{}}]""", "data.revisions[0].clientId must be a string or a number of at most 200 characters"),
            ("long client", $$$"""[{"revision":"local-1","clientId":"{{{new string('c', 300)}}}","changes":{}}]""", "data.revisions[0].clientId must be a string or a number of at most 200 characters"),
            ("1001 revisions", $"[{string.Join(',', Enumerable.Repeat("""{"revision":"l","changes":{}}""", 1001))}]", "data.revisions must not hold more than 1000 revisions"),
            ("10000 records", $$"""[{"revision":"local-1","changes":{{Records(10_000)}}}]""", "the change set has more than 5000 records"),
            ("no list", Changing("""{"tasks":{"updated":"all"}}"""), "'tasks.updated' is not an array"),
            ("no record", Changing("""{"tasks":{"added":[7]}}"""), "tasks.added record 1: it is not an object"),
            ("control in id", Changing("""{"tasks":{"updated":[{"id":"a\u0007b","name":"x"}]}}"""), "tasks.updated record 1: its id is unusable"),
            ("no id", Changing("""{"tasks":{"added":[{"name":"x"}]}}"""), "it has neither $PhantomId nor id"),
            ("bad user input", Changing("""{"tasks":{"$input":7}}"""), "'tasks.$input' is not an object"),
            ("too many bytes", Changing(Say.Rename("10", new string('x', 500_000))), "at most 921600 can be published"),
        ];

    [Fact]
    public async Task The_author_gets_the_reason_and_the_dataset_and_the_others_nothing()
    {
        // Each is resynced with delays of its own, so a few together take as long as one. All together would keep storage so busy that
        // events are redelivered and answered twice.
        foreach (var together in Bad.Chunk(3))
        {
            await Task.WhenAll(together.Select(RefuseAsync));
        }
    }

    [Fact]
    public async Task Of_a_queue_the_revisions_before_the_bad_one_are_taken()
    {
        await using var plan = await server.NewPlanAsync();
        var pages = await plan.OpenAsync("Hugo", "Ines");
        var (hugo, ines) = (pages[0], pages[1]);
        var good = Say.Rename("10", "Before the bad one");
        await hugo.SendAsync(
            Say.Change(
                plan.Project,
                hugo.Client,
                Say.Revision("local-1", hugo.Client, good),
                Say.Revision("local-2", hugo.Client, """{"tasks":7}"""),
                Say.Revision("local-3", hugo.Client, Say.Rename("10", "Behind it"))
            )
        );
        var published = Say.Published(plan.Project, hugo.Revision + 1, "local-1", hugo.Client, good);
        await hugo.ExpectAsync(published);
        await ines.ExpectAsync(published);
        await hugo.ExpectAsync(Documented.Of("project_change", plan.Project, "store 'tasks' is not an object"));
        Assert.Equal("Before the bad one", (await hugo.NextAsync()).TaskName("10"));
        await ines.ExpectNothingAsync();
        Assert.Equal(ines.Revision, (await plan.LoadAsync()).Revision);
    }

    [Fact]
    public async Task As_many_records_as_a_revision_may_hold_are_taken()
    {
        await using var plan = await server.NewPlanAsync();
        var pages = await plan.OpenAsync("Hugo", "Ines");
        var published = await pages[0].ChangeAsync(Records(5_000));
        await pages[0].ExpectAsync(published);
        await pages[1].ExpectAsync(published);
    }

    [Fact]
    public async Task Records_that_are_gone_or_never_were_do_no_harm()
    {
        await using var plan = await server.NewPlanAsync();
        var pages = await plan.OpenAsync("Hugo", "Ines");
        const string Changes =
            """{"tasks":{"updated":[{"id":"never","name":"x"}],"removed":[{"id":"never/either"},{"id":-1}],"$input":{"removed":[{"id":-1}]}},"unknownStore":{"updated":[{"id":1,"a":{"b":[1,2,{"c":null}]}}]}}""";
        var published = await pages[0].ChangeAsync(Changes);
        await pages[0].ExpectAsync(published);
        await pages[1].ExpectAsync(published);
        await pages[1].ExpectAsync(await pages[1].ChangeAsync(Say.Rename("10", "Goes on")));
    }

    private async Task RefuseAsync((string Label, string Revisions, string Reason) bad)
    {
        await using var plan = await server.NewPlanAsync();
        var bystander = await Bystander.OfAsync(plan);
        var sender = bystander.Sender;
        await sender.SendAsync(
            $$$"""{"command":"project_change","data":{"project":{{{plan.Project}}},"revisions":{{{bad.Revisions}}}}}"""
        );
        var refusal = await sender.NextAsync();
        Assert.True(refusal.Error?.Contains(bad.Reason, StringComparison.Ordinal), $"{bad.Label}: {refusal}");
        Assert.Equal("project_change", refusal.Command);
        Assert.Equal(plan.Project, refusal.Data.GetProperty("project").GetRawText());
        var dataset = await sender.NextAsync();
        Assert.True(dataset is { Command: "dataset", Error: null }, $"{bad.Label}: {dataset}");
        await bystander.AssertUndisturbedAsync();
    }

    private static string Changing(string changes) => $"[{Say.Revision("local-1", null, changes)}]";

    private static string Records(int count)
    {
        var records = string.Join(',', Enumerable.Range(1, count).Select(static id => $$"""{"id":{{id}},"note":"n"}"""));
        return $$$$"""{"tasks":{"updated":[{{{{records}}}}],"$input":{"updated":[{{{{records}}}}]}}}""";
    }
}

public sealed class Refusing_changes_in_process(InProcessServer server) : Refusing_changes(server);

public sealed class Refusing_changes_over_http(HttpServer server) : Refusing_changes(server);

public sealed class Refusing_changes_in_the_Functions_worker(WorkerServer server) : Refusing_changes(server);
