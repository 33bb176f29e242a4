using System.Text;
using ServerlessSync.Core.History;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Tests.Engine;

namespace ServerlessSync.Core.Tests.History;

public sealed class Removing_unreachable_contents
{
    private const string SaveThree =
        """{"versions":{"added":[{"$PhantomId":"_generatedA","content":{"is":"a"}},{"$PhantomId":"_generatedB","content":{"is":"b"}},{"$PhantomId":"_generatedC","content":{"is":"c"}}]}}""";

    private const string RemoveFirst = """{"versions":{"removed":[{"id":"versions-1"}]}}""";
    private const string BringBackFirst = """{"versions":{"added":[{"$PhantomId":"versions-1"}]}}""";

    private static readonly RetentionOptions Minutes = new() { Age = TimeSpan.FromMinutes(7), Slack = TimeSpan.FromSeconds(30), RevisionsKept = 2 };

    [Fact]
    public void Those_of_versions_that_were_removed_or_saved_anew_go_with_the_revisions_that_had_them() =>
        Past.Play(async world =>
        {
            var one = await SaveAndRemoveAsync(world);
            await one.ChangeAsync("""{"versions":{"updated":[{"id":"versions-1-2","content":{"is":"new"}}]}}""");
            await PassAsync(world, one, 20);
            Assert.Equal(4, (await Past.KeysAsync(world, "v-")).Count);

            await world.CompactAsync(Minutes);

            Assert.Equal(2, (await Past.KeysAsync(world, "v-")).Count);
            Assert.Contains("\"is\":\"new\"", await LoadAsync(one, "versions-1-2"), StringComparison.Ordinal);
            Assert.Contains("\"is\":\"c\"", await LoadAsync(one, "versions-1-3"), StringComparison.Ordinal);
        });

    [Fact]
    public void Those_that_a_revision_in_the_history_has_stay() =>
        Past.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            await one.ChangeAsync(SaveThree);
            await PassAsync(world, one, 20);
            await one.ChangeAsync(RemoveFirst);

            await world.CompactAsync(Minutes);
            await one.ChangeAsync(BringBackFirst);

            Assert.Contains("\"is\":\"a\"", await LoadAsync(one, "versions-1"), StringComparison.Ordinal);
        });

    [Fact]
    public void Those_of_the_base_stay() =>
        Past.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            var other = new ProjectId(JsonId.Of(2));
            var data = Encoding.UTF8.GetBytes("""{"tasksData":[{"id":1}],"versionsData":[{"id":"v","content":{"is":"first"}}]}""");
            await world.Catalog.CreateAsync(other, "Other", data, AccessList.OpenToEdit, CancellationToken.None);
            await SendAsync("dataset", string.Empty);
            await SendAsync("project_change", Change(0, """{"versions":{"removed":[{"id":"v"}]}}"""));
            for (var minute = 1; minute <= 20; minute++)
            {
                await SendAsync("project_change", Change(minute, """{"tasks":{"updated":[{"id":1,"n":1}]}}"""));
                await world.Time.PassAsync(TimeSpan.FromMinutes(1));
            }

            Assert.Equal(1, (await world.CompactAsync(Minutes)).Compacted);
            await SendAsync("reset", string.Empty);

            Assert.Contains("\"is\":\"first\"", await LoadAsync(one, "v", project: 2), StringComparison.Ordinal);

            Task<EventReply> SendAsync(string command, string data) =>
                one.SendAsync($$$"""{"command":"{{{command}}}","data":{"project":2{{{data}}}}}""");

            static string Change(int number, string changes) =>
                $$$""","revisions":[{"revision":"local-{{{number}}}","changes":{{{changes}}}}]""";
        });

    [Fact]
    public void Those_that_a_restore_in_the_history_brought_back_stay() =>
        Past.Play(async world =>
        {
            var one = await SaveAndRemoveAsync(world);
            await PassAsync(world, one, 15);
            var restored = await Past.RestoreAsync(world, 1);
            await world.Time.PassAsync(TimeSpan.FromMinutes(1));

            await world.CompactAsync(Minutes);

            Assert.Contains("\"is\":\"a\"", await LoadAsync(one, "versions-1"), StringComparison.Ordinal);
            await one.ResetAsync();
            await Past.RestoreAsync(world, restored);
            Assert.Contains("\"is\":\"a\"", await LoadAsync(one, "versions-1"), StringComparison.Ordinal);
        });

    [Fact]
    public void A_version_that_comes_back_later_still_comes_without_its_content() =>
        Past.Play(async world =>
        {
            var one = await SaveAndRemoveAsync(world);
            await PassAsync(world, one, 20);
            await world.CompactAsync(Minutes);

            foreach (var restart in new[] { false, true })
            {
                if (restart)
                {
                    await world.RestartAsync(0);
                }

                await one.ChangeAsync(BringBackFirst);
                Assert.Contains("Version has no content", await LoadAsync(one, "versions-1"), StringComparison.Ordinal);
            }
        });

    [Fact]
    public void A_restore_that_was_overtaken_by_it_is_not_done() =>
        Past.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            await PassAsync(world, one, 20);
            world.Store.BeforeSubmit = async actions =>
            {
                if (actions is [Storage.TableAction.Insert { RowKey: ['r', '-', ..] }])
                {
                    world.Store.BeforeSubmit = static _ => Task.FromResult<StoreFault?>(null);
                    await world.CompactAsync(Minutes);
                }

                return null;
            };

            Assert.IsType<AdministrationResult.Unavailable>(
                await world.AdministrationOf(0).RestoreAsync(Past.Owner, World.Project, 3, CancellationToken.None)
            );
            Assert.Equal(20, (await Past.HeadAsync(world)).Revision);
            Assert.Empty(await Past.KeysAsync(world, "r-"));
        });

    /// <summary>A project with three saved versions, of which the first was removed.</summary>
    private static async Task<TestClient> SaveAndRemoveAsync(World world)
    {
        var client = await world.JoinAsync("Hugo");
        await client.ChangeAsync(SaveThree);
        await client.ChangeAsync(RemoveFirst);
        return client;
    }

    private static async Task PassAsync(World world, TestClient client, int minutes)
    {
        for (var minute = 1; minute <= minutes; minute++)
        {
            await client.RenameAsync(1, $"{minute}");
            await world.Time.PassAsync(TimeSpan.FromMinutes(1));
        }
    }

    private static async Task<string> LoadAsync(TestClient client, string version, int project = 1)
    {
        var reply = await client.SendAsync($$$"""{"command":"load_version_content","data":{"project":{{{project}}},"versionId":"{{{version}}}"}}""");
        return reply is EventReply.Text ? TestClient.Body(reply) : client.Texts[^1];
    }
}
