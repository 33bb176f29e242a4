using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;
using ServerlessSync.Support.Emulator;

namespace ServerlessSync.EndToEnd.Running;

/// <summary>Four engines that share nothing but Table Storage (its emulator).</summary>
public sealed class Sharing_a_table_account
{
    [Fact]
    public async Task All_clients_see_one_sequence_whichever_engine_accepted_the_change()
    {
        await using var azurite = await AzuriteFixture.StartAsync(TestContext.Current.CancellationToken);
        Assert.SkipWhen(azurite.Unavailable is not null, azurite.Unavailable ?? string.Empty);
        using var folder = new TemporaryFolder();
        var options = RunningHost.Options(folder) with { Storage = azurite.ConnectionString, Instances = 4 };
        await using var host = await RunningHost.StartAsync(options);
        await using var plan = await host.NewPlanAsync();
        var pages = await plan.OpenAsync(Enumerable.Range(1, 20).Select(static number => $"Person{number}"));
        await Task.WhenAll(pages.Select(page => EditAsync(page, plan.Project)));
        var seen = await Task.WhenAll(pages.Select(static page => page.RevisionsAsync(400)));

        var sequence = seen[0].Select(static revision => revision.GetRawText()).ToList();
        Assert.All(seen, other => Assert.Equal(sequence, other.Select(static revision => revision.GetRawText())));
        var loaded = await plan.LoadAsync();
        Assert.Equal(400, loaded.Revision);
        Assert.Equal(
            seen[0][^1].GetProperty("changes").GetProperty("tasks").GetProperty("updated")[0].GetProperty("name").GetString(),
            loaded.TaskName("10")
        );
    }

    private static async Task EditAsync(Page page, string project)
    {
        for (var number = 1; number <= 20; number++)
        {
            var revision = Say.Revision(page.NextLocal(), page.Client, Say.Rename("10", $"{page.Name} {number}"));
            await page.SendAsync(Say.Change(project, page.Client, revision));
        }
    }
}
