using ServerlessSync.Core.Engine;
using ServerlessSync.Core.History;
using ServerlessSync.Core.Maintenance;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Tests.Engine;

namespace ServerlessSync.Core.Tests.History;

public sealed class Compacting_history
{
    private static readonly RetentionOptions Minutes = new() { Age = TimeSpan.FromMinutes(7), Slack = TimeSpan.FromSeconds(30), RevisionsKept = 2 };

    private static readonly SequencerOptions Wakeful = new() { IdleTime = TimeSpan.FromDays(1000), StateBytesMax = 1 << 30 };

    [Fact]
    public void What_is_older_goes_and_what_is_younger_can_still_be_read_and_gone_back_to() =>
        Past.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            await EditByMinuteAsync(world, one, 20);

            var report = await world.CompactAsync(Minutes);

            Assert.Equal(1, report.Compacted);
            var head = await Past.HeadAsync(world);
            Assert.Equal(15, head.LogStart);
            Assert.Equal(6, (await Past.KeysAsync(world, "c-")).Count);
            Assert.Equal(new AdministrationResult.NotRetained(14).ToString(), await Past.NameAtAsync(world, 13));
            Assert.Equal(["14", "15", "20"], [await Past.NameAtAsync(world, 14), await Past.NameAtAsync(world, 15), await Past.NameAtAsync(world, 20)]);
            Assert.Equal(15, Listed(await ListAsync(world)).Revisions[^1].Revision);
            Assert.Equal(21, await Past.RestoreAsync(world, 14));
            Assert.Equal("14", Past.NameIn(one));
        });

    [Fact]
    public void Later_clients_load_join_and_edit_as_before() =>
        Past.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            await EditByMinuteAsync(world, one, 20);
            await world.CompactAsync(Minutes);
            await world.RestartAsync(0);

            var two = await world.JoinAsync("Ines");
            await one.RenameAsync(1, "after");
            await two.ResetAsync();

            Assert.Equal(22, two.LastDataset.GetProperty("revision").GetInt64());
            Assert.Equal("Plan", Past.NameIn(two));
            Assert.Equal([21], two.Numbers);
            Assert.Equal("after", await Past.NameAtAsync(world, 21));
            Assert.Empty(world.Observer.Quarantined);
        });

    [Fact]
    public void A_process_that_slept_through_it_loads_anew() =>
        Past.Play(
            async world =>
            {
                var one = await world.JoinAsync("Hugo");
                var sleeper = await world.JoinAsync("Ines", instance: 1);
                await EditByMinuteAsync(world, one, 20);
                await world.CompactAsync(Minutes);

                const string Rename =
                    """{"command":"project_change","data":{"project":1,"revisions":[{"revision":"local-1","changes":{"tasks":{"updated":[{"id":3,"name":"awake"}]}}}]}}""";
                if (await sleeper.DeliverAsync(90, Rename) is EventReply.Unavailable)
                {
                    Assert.IsType<EventReply.Done>(await sleeper.DeliverAsync(90, Rename));
                }

                Assert.Empty(world.Observer.Quarantined);
                Assert.Equal(Enumerable.Range(1, 21).Select(static number => (long)number), one.Numbers);
                Assert.Equal(21, sleeper.Numbers[^1]);
            },
            Wakeful
        );

    [Fact]
    public void What_was_resent_is_recognised_and_answered_from_what_stays() =>
        Past.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            await one.SendAsync(Resend);
            await EditByMinuteAsync(world, one, 20);
            await one.SendAsync(Resend.Replace("\"s1\"", "\"s2\"", StringComparison.Ordinal));
            await world.CompactAsync(Minutes);
            await world.RestartAsync(0);

            await one.SendAsync(Resend.Replace("\"s1\"", "\"s2\"", StringComparison.Ordinal));

            Assert.Equal(22, (await Past.HeadAsync(world)).Revision);
            var again = one.Revisions[^1];
            Assert.Equal(22, again.GetProperty("revision").GetInt64());
            Assert.Equal("mine", again.GetProperty("changes").GetProperty("tasks").GetProperty("updated")[0].GetProperty("name").GetString());
        });

    [Fact]
    public void Nothing_goes_that_is_not_published_however_old() =>
        Past.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            await one.RenameAsync(1, "sent");
            world.Gateway.OnSend = static (_, _) => SendFault.Lost;
            for (var edit = 0; edit < 5; edit++)
            {
                await one.RenameAsync(1, $"{edit}");
                await world.Time.PassAsync(TimeSpan.FromMinutes(1));
            }

            await world.Time.PassAsync(TimeSpan.FromMinutes(15));
            await world.CompactAsync(Minutes with { RevisionsKept = 0 });
            Assert.Equal((1, 2), ((await Past.HeadAsync(world)).Published, (await Past.HeadAsync(world)).LogStart));
            world.Gateway.OnSend = static (_, _) => null;
            await world.SweepAsync(0);

            Assert.Equal(Enumerable.Range(1, 6).Select(static number => (long)number), one.Numbers.Distinct());
        });

    [Fact]
    public void Broken_off_between_naming_and_removing_it_is_finished_the_next_time() =>
        Past.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            await EditByMinuteAsync(world, one, 20);
            world.Store.BeforeSubmit = static actions =>
                Task.FromResult<StoreFault?>(actions[0] is Storage.TableAction.Delete ? StoreFault.Refused : null);
            await world.CompactAsync(Minutes);
            Assert.Equal(20, (await Past.KeysAsync(world, "c-")).Count);
            Assert.Equal("20", Past.NameIn(await world.JoinAsync("Ines", instance: 1)));
            world.Store.BeforeSubmit = static _ => Task.FromResult<StoreFault?>(null);

            await world.CompactAsync(Minutes);

            Assert.Equal(6, (await Past.KeysAsync(world, "c-")).Count);
            Assert.Equal("14", await Past.NameAtAsync(world, 14));
        });

    [Fact]
    public void What_old_restores_went_back_to_goes_with_them() =>
        Past.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            await EditByMinuteAsync(world, one, 3);
            await Past.RestoreAsync(world, 1);
            await world.Time.PassAsync(TimeSpan.FromMinutes(1));
            await EditByMinuteAsync(world, one, 20, dataset: 4);
            await Past.RestoreAsync(world, 23);
            Assert.Equal(2, (await Past.KeysAsync(world, "r-")).Count);

            await world.CompactAsync(Minutes);
            await world.Time.PassAsync(TimeSpan.FromMinutes(2));
            await world.CompactAsync(Minutes);

            Assert.Single(await Past.KeysAsync(world, "r-"));
            Assert.Single(await Past.KeysAsync(world, "a-"));
            Assert.Equal("19", await Past.NameAtAsync(world, 24));
        });

    [Fact]
    public void The_newest_revisions_stay_and_everything_does_without_a_limit() =>
        Past.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            await EditByMinuteAsync(world, one, 5);
            await world.Time.PassAsync(TimeSpan.FromMinutes(30));

            Assert.Equal(new CompactionReport(0, 0, 0), await world.CompactAsync(Minutes with { Age = null }));
            Assert.Equal(1, (await Past.HeadAsync(world)).LogStart);
            await world.CompactAsync(Minutes);

            Assert.Equal(4, (await Past.HeadAsync(world)).LogStart);
        });

    [Fact]
    public void Each_call_goes_on_behind_the_projects_of_the_one_before() =>
        Past.Play(async world =>
        {
            foreach (var id in new[] { 2, 3 })
            {
                var project = new ProjectId(JsonId.Of(id));
                await world.Catalog.CreateAsync(project, "Other", "{}"u8.ToArray(), AccessList.OpenToEdit, CancellationToken.None);
            }

            var one = await world.JoinAsync("Hugo");
            await EditByMinuteAsync(world, one, 20);
            var compacted = 0;
            for (var call = 0; call < 3; call++)
            {
                compacted += (await world.CompactAsync(Minutes with { ProjectsMax = 1 })).Compacted;
            }

            Assert.Equal(1, compacted);
            Assert.Equal(0, (await world.CompactAsync(Minutes with { ProjectsMax = 10 })).Compacted);
        });

    [Theory]
    [InlineData(null, 90)]
    [InlineData(7, 7)]
    [InlineData(0, null)]
    public void A_setting_in_days_is_how_long_it_is_kept(int? days, int? kept) =>
        Assert.Equal(kept, (int?)RetentionOptions.OfDays(days).Age?.TotalDays);

    [Theory]
    [InlineData(6)]
    [InlineData(-1)]
    [InlineData(36_501)]
    public void Less_than_what_a_promise_needs_cannot_be_set(int days) =>
        Assert.Contains(
            "needs 7 to 36500 days",
            Assert.Throws<InvalidOperationException>(() => RetentionOptions.OfDays(days)).Message,
            StringComparison.Ordinal
        );

    private const string Resend =
        """{"command":"project_change","data":{"project":1,"session":"s1","datasetRevision":0,"revisions":[{"revision":"local-1","changes":{"tasks":{"updated":[{"id":3,"name":"mine"}]}}}]}}""";

    private static async Task EditByMinuteAsync(World world, TestClient client, int minutes, long? dataset = null)
    {
        for (var minute = 1; minute <= minutes; minute++)
        {
            await client.RenameAsync(1, dataset is null ? $"{minute}" : $"{minute - 1}", dataset);
            await world.Time.PassAsync(TimeSpan.FromMinutes(1));
        }
    }

    private static Task<AdministrationResult> ListAsync(World world) =>
        world.AdministrationOf(0).ListRevisionsAsync(Past.Owner, World.Project, before: null, limit: 200, CancellationToken.None);

    private static RevisionPage Listed(AdministrationResult result) => Assert.IsType<AdministrationResult.Revisions>(result).Page;
}
