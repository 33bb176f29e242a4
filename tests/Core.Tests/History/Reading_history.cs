using ServerlessSync.Core.Engine;
using ServerlessSync.Core.History;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Tests.Engine;

namespace ServerlessSync.Core.Tests.History;

public sealed class Reading_history
{
    [Fact]
    public void Each_revision_is_read_as_it_was_whatever_snapshots_there_are() =>
        Past.Play(
            async world =>
            {
                var one = await world.JoinAsync("Hugo");
                for (var edit = 1; edit <= 20; edit++)
                {
                    await one.RenameAsync(1, $"{edit}");
                    await world.Time.PassAsync(TimeSpan.FromSeconds(1));
                }

                Assert.NotEmpty((await Past.HeadAsync(world)).SnapshotKey);
                for (var revision = 1; revision <= 20; revision++)
                {
                    Assert.Equal($"{revision}", await Past.NameAtAsync(world, revision));
                }

                Assert.Equal("Plan", await Past.NameAtAsync(world, 0));
                Assert.Equal(new AdministrationResult.NotReached(20).ToString(), await Past.NameAtAsync(world, 21));
            },
            new SequencerOptions { SnapshotEntries = 6, SnapshotInterval = TimeSpan.FromSeconds(1), StateBytesMax = 1 << 30 }
        );

    [Fact]
    public void The_list_shows_authors_amounts_and_times_of_changes() =>
        Past.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            var two = await world.JoinAsync("Ines");
            var start = world.Time.GetUtcNow();
            await one.ChangeAsync(
                """{"tasks":{"added":[{"$PhantomId":"n1","name":"New"}],"updated":[{"id":1,"name":"x"},{"id":2,"name":"y"}],"$input":{"added":[{"$PhantomId":"n1","name":"New"}],"updated":[{"id":1,"name":"x"}]}},"project":{"startDate":"2027-05-01"}}"""
            );
            await two.ChangeAsync("""{"dependencies":{"removed":[{"id":"d1"}]}}""");
            await two.ResetAsync();
            await Past.RestoreAsync(world, 1);

            var page = await PageAsync(world, before: null, limit: 50);

            Assert.Equal((1, 4), (page.First, page.Last));
            Assert.Equal(
                [
                    (4, EntryKind.Restore, Past.Owner, 1L),
                    (3, EntryKind.Reset, "Ines", null),
                    (2, EntryKind.Change, "Ines", null),
                    (1, EntryKind.Change, "Hugo", (long?)null),
                ],
                page.Revisions.Select(static revision => (revision.Revision, revision.Kind, revision.User, revision.Restored))
            );
            Assert.Equal([new StoreSummary("dependencies", 0, 0, 1)], page.Revisions[2].Stores);
            Assert.Equal([new StoreSummary("tasks", 1, 2, 0)], page.Revisions[3].Stores);
            Assert.Equal([0, 0, 0, 1], page.Revisions.Select(static revision => revision.ProjectFields));
            Assert.All(page.Revisions, revision => Assert.InRange(revision.Time, start.AddSeconds(-1), world.Time.GetUtcNow()));
        });

    [Fact]
    public void Pages_join_without_a_gap_wherever_commits_are_cut() =>
        Past.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            var many = Enumerable.Range(0, 40).Select(static number => $$$"""{"tasks":{"updated":[{"id":1,"name":"{{{number}}}"}]}}""");
            await one.RenameAsync(1, "alone");
            await one.ChangeAsync([.. many]);
            await one.RenameAsync(1, "at last");

            var seen = new List<long>();
            for (long? before = null; before != 1; before = seen[^1])
            {
                var page = await PageAsync(world, before, limit: 5);
                Assert.InRange(page.Revisions.Count, 1, 5);
                seen.AddRange(page.Revisions.Select(static revision => revision.Revision));
            }

            Assert.Equal(Enumerable.Range(1, 42).Reverse().Select(static number => (long)number), seen);
            Assert.Empty((await PageAsync(world, before: 1, limit: 5)).Revisions);
        });

    private static async Task<RevisionPage> PageAsync(World world, long? before, int limit)
    {
        var result = await world.AdministrationOf(0).ListRevisionsAsync(Past.Owner, World.Project, before, limit, CancellationToken.None);
        return Assert.IsType<AdministrationResult.Revisions>(result).Page;
    }
}
