using System.Globalization;
using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;

namespace ServerlessSync.EndToEnd.Running;

/// <summary>Accepted changes survive, whatever happens to the process.</summary>
public sealed class Surviving
{
    /// <summary>Acknowledged changes before the program is killed.</summary>
    private const int AcknowledgedMin = 60;

    [Fact]
    public async Task A_restart_keeps_what_was_accepted_and_numbers_go_on()
    {
        using var folder = new TemporaryFolder();
        string project;
        await using (var host = await RunningHost.StartAsync(RunningHost.Options(folder)))
        {
            await using var plan = await host.NewPlanAsync();
            project = plan.Project;
            var hugo = await plan.OpenAsync("Hugo");
            await hugo.ExpectAsync(await hugo.ChangeAsync(Say.Rename("10", "Before the restart")));
        }

        await using var again = await RunningHost.StartAsync(RunningHost.Options(folder));
        await using var same = again.Plan(project);
        var ines = await same.EnterAsync("Ines");
        Assert.Equal("Before the restart", (await ines.LoadAsync()).TaskName("10"));
        await ines.ExpectAsync(await ines.ChangeAsync(Say.Rename("10", "After it")));
        Assert.Equal(2, ines.Revision);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("4")]
    public async Task A_kill_under_load_loses_nothing_that_was_acknowledged(string instances)
    {
        using var folder = new TemporaryFolder();
        var acknowledged = await WriteUntilKilledAsync(folder, instances);

        var url = Ports.FreeUrl();
        await using var again = await LocalProcess.StartAsync(url, folder, "--instances", instances);
        await using var plan = new Plan(SocketAddress.Of(url), "1", "again", static () => { });
        var reader = await plan.EnterAsync("Reader");
        var loaded = await reader.LoadAsync();
        Assert.True(loaded.Revision >= acknowledged.Values.Max(static last => last.Revision), "the log is shorter than what was seen");
        var total = 0;
        foreach (var (task, last) in acknowledged)
        {
            var kept = int.Parse(loaded.TaskName(task)!, CultureInfo.InvariantCulture);
            Assert.InRange(kept, last.Number, last.Number + 1);
            total += kept;
        }

        // Each number in a name took one revision, so there is neither a gap nor a change that was accepted twice.
        Assert.Equal(total, loaded.Revision);

        // The page asserts that this becomes the next number.
        await reader.ExpectAsync(await reader.ChangeAsync(Say.Rename("10", "0")));
    }

    /// <summary>
    /// Each page counts up in the name of its own task. Returns, per task, the last acknowledged number and its revision.
    /// </summary>
    private static async Task<Dictionary<string, (int Number, long Revision)>> WriteUntilKilledAsync(
        TemporaryFolder folder,
        string instances
    )
    {
        var url = Ports.FreeUrl();
        await using var program = await LocalProcess.StartAsync(url, folder, "--instances", instances);
        await using var plan = new Plan(SocketAddress.Of(url), "1", "first", static () => { });
        string[] tasks = ["10", "11", "12", "13"];
        var pages = await Task.WhenAll(tasks.Select(plan.OpenAsync));
        var acknowledged = new Dictionary<string, (int Number, long Revision)>(StringComparer.Ordinal);
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writing = tasks.Zip(pages, (task, page) => CountAsync(page, task, Note)).ToList();
        await enough.Task.WaitAsync(SyncSocket.Patience, TimeProvider.System);
        await program.KillAsync();
        await Task.WhenAll(writing);
        return acknowledged;

        void Note(string task, int number, long revision)
        {
            lock (acknowledged)
            {
                acknowledged[task] = (number, revision);
                if (acknowledged.Count == tasks.Length && acknowledged.Values.Sum(static last => last.Number) >= AcknowledgedMin)
                {
                    enough.TrySetResult();
                }
            }
        }
    }

    private static async Task CountAsync(Page page, string task, Action<string, int, long> note)
    {
        try
        {
            for (var number = 1; ; number++)
            {
                var local = page.NextLocal();
                var revision = Say.Revision(local, page.Client, Say.Rename(task, $"{number}"));
                await page.SendAsync(Say.Change("1", page.Client, revision));
                note(task, number, await EchoAsync(page, local));
            }
        }
        catch (Exception exception) when (exception is InvalidOperationException or System.Net.WebSockets.WebSocketException)
        {
            // Killed: the connection is closed.
        }
    }

    private static async Task<long> EchoAsync(Page page, string local)
    {
        while (true)
        {
            foreach (var revision in (await page.NextAsync()).Revisions)
            {
                var isOwn =
                    revision.GetProperty("client").GetRawText() == page.Client
                    && revision.GetProperty("localRevision").GetString() == local;
                if (isOwn)
                {
                    return revision.GetProperty("revision").GetInt64();
                }
            }
        }
    }
}
