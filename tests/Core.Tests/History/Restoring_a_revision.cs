using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Engine.Forwarding;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Tests.Engine;

namespace ServerlessSync.Core.Tests.History;

public sealed class Restoring_a_revision
{
    private const string RenameTwice =
        """{"tasks":{"updated":[{"id":1,"name":"a"}]}}|{"tasks":{"updated":[{"id":1,"name":"b"}]}}|{"tasks":{"updated":[{"id":1,"name":"c"}]}}""";

    [Fact]
    public void All_subscribers_get_the_restored_dataset_and_the_notice_and_numbers_continue() =>
        Past.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            var two = await world.JoinAsync("Ines", instance: 1);
            await one.RenameAsync(1, "first");
            await one.RenameAsync(1, "second");

            Assert.Equal(3, await Past.RestoreAsync(world, 1));
            await one.RenameAsync(3, "after", datasetRevision: 3);

            Assert.Equal(["project_change", "project_change", "dataset", "reset", "project_change"], two.Commands.Skip(2));
            Assert.Equal(3, two.LastDataset.GetProperty("revision").GetInt64());
            Assert.Equal("first", Past.NameIn(two));
            Assert.Equal([1, 2, 4], two.Numbers);
            Assert.Equal([1, 2, 4], one.Numbers);
            Assert.Equal("second", await Past.NameAtAsync(world, 2));
        });

    [Fact]
    public void A_restore_is_there_after_a_restart_and_for_an_instance_that_slept_through_it() =>
        Past.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            var sleeper = await world.JoinAsync("Ines", instance: 1);
            await one.RenameAsync(1, "first");
            await one.RenameAsync(1, "second");
            await Past.RestoreAsync(world, 1);
            await one.RenameAsync(3, "later", datasetRevision: 3);

            await sleeper.LoadAsync();
            Assert.Equal("first", Past.NameIn(sleeper));
            await world.RestartAsync(0);
            var two = await world.JoinAsync("Jo");

            Assert.Equal("first", Past.NameIn(two));
            Assert.Equal(4, two.LastDataset.GetProperty("revision").GetInt64());
            await two.RenameAsync(1, "next");
            Assert.Equal(5, sleeper.Numbers[^1]);
            Assert.Equal("next", await Past.NameAtAsync(world, 5));
        });

    [Fact]
    public void Snapshots_taken_after_it_hold_it() =>
        Past.Play(
            async world =>
            {
                var one = await world.JoinAsync("Hugo");
                await one.RenameAsync(1, "first");
                await one.RenameAsync(1, "second");
                await Past.RestoreAsync(world, 1);
                for (var edit = 0; edit < 8; edit++)
                {
                    await one.RenameAsync(3, $"{edit}", datasetRevision: 3);
                    await world.Time.PassAsync(TimeSpan.FromSeconds(1));
                }

                Assert.Contains(world.Observer.Snapshots, static revision => revision >= 3);
                await world.RestartAsync(1);
                Assert.Equal("first", Past.NameIn(await world.JoinAsync("Jo", instance: 1)));
            },
            new SequencerOptions { SnapshotEntries = 3, SnapshotInterval = TimeSpan.FromSeconds(1), StateBytesMax = 1 << 30 }
        );

    [Fact]
    public void An_edit_in_flight_across_it_is_answered_with_the_dataset() =>
        Past.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            await one.RenameAsync(1, "first");
            var restore = Past.RestoreAsync(world, 0);
            await world.Time.PassAsync(TimeSpan.FromMilliseconds(60));
            await Task.WhenAll(restore, one.RenameAsync(1, "from before"));
            await one.RenameAsync(1, "names an older dataset", datasetRevision: 1);

            Assert.Equal([1], one.Numbers);
            Assert.Equal("Plan", Past.NameIn(one));
            Assert.Equal(2, (await Past.HeadAsync(world)).Revision);
        });

    [Fact]
    public void Any_revision_will_do_in_the_middle_of_a_commit_the_first_and_that_of_a_restore() =>
        Past.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            await one.ChangeAsync(RenameTwice.Split('|'));

            Assert.Equal(4, await Past.RestoreAsync(world, 2));
            Assert.Equal("b", Past.NameIn(one));
            Assert.Equal(5, await Past.RestoreAsync(world, 0));
            Assert.Equal("Plan", Past.NameIn(one));
            Assert.Equal(6, await Past.RestoreAsync(world, 4, instance: 1));
            Assert.Equal("b", Past.NameIn(one));
            Assert.Equal(["Plan", "a", "b", "c", "b", "Plan", "b"], await NamesAsync(world, 6));
        });

    [Fact]
    public void A_record_that_was_removed_since_is_back_and_can_be_changed() =>
        Past.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            await one.ChangeAsync("""{"tasks":{"removed":[{"id":3}]}}""");
            await Past.RestoreAsync(world, 0);

            await one.RenameAsync(3, "here again", datasetRevision: 2);

            var last = one.Revisions[^1].GetProperty("changes").GetProperty("tasks").GetProperty("updated")[0];
            Assert.Equal("here again", last.GetProperty("name").GetString());
            await one.LoadAsync();
            Assert.Equal("here again", one.LastDataset.GetProperty("dataset").GetProperty("tasksData")[1].GetProperty("name").GetString());
        });

    [Fact]
    public void Only_an_owner_goes_back_also_when_the_right_was_lost_a_moment_ago() =>
        Past.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            await one.RenameAsync(1, "first");

            Assert.IsType<AdministrationResult.NotAllowed>(
                await world.AdministrationOf(0).RestoreAsync("Hugo", World.Project, 0, CancellationToken.None)
            );
            await world.GrantAsync(0, "Other", Model.Role.Owner);
            world.Store.BeforeSubmit = async actions =>
            {
                // The right existed when it was checked, and is revoked while the dataset is being stored.
                if (actions is [Storage.TableAction.Insert { RowKey: ['r', '-', ..] }])
                {
                    world.Store.BeforeSubmit = static _ => Task.FromResult<StoreFault?>(null);
                    await world.GrantAsync(1, Past.Owner, Model.Role.Editor);
                }

                return null;
            };
            Assert.IsType<AdministrationResult.NotFound>(
                await world.AdministrationOf(0).RestoreAsync(Past.Owner, World.Project, 0, CancellationToken.None)
            );
            Assert.Equal(1, (await Past.HeadAsync(world)).Revision);
            Assert.Empty(await Past.KeysAsync(world, "r-"));
        });

    [Fact]
    public void A_restore_that_is_left_for_the_holder_of_the_lease_is_still_a_restore()
    {
        var origin = new Origin("Olga", new ConnectionId("r-1"), 1);
        var item = new RestoreItem(origin, DateTimeOffset.UnixEpoch, received: 5, new RestoredDataset(7, "r-1"), bytes: 99);

        var read = Assert.IsType<RestoreItem>(Assert.Single(SubmissionCodec.Read(SubmissionCodec.Write([item]), received: 8)));

        Assert.Equal((origin, item.Restored, item.Size), (read.Origin, read.Restored, read.Size));
    }

    private static async Task<List<string>> NamesAsync(World world, long last)
    {
        var names = new List<string>();
        for (var revision = 0L; revision <= last; revision++)
        {
            names.Add(await Past.NameAtAsync(world, revision));
        }

        return names;
    }
}
