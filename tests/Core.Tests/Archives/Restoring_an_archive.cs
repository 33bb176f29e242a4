using ServerlessSync.Core.Archives;
using ServerlessSync.Core.History;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Tests.Engine;

namespace ServerlessSync.Core.Tests.Archives;

public sealed class Restoring_an_archive
{
    [Fact]
    public void Under_a_fresh_id_numbers_go_on_a_million_above_the_archive() =>
        Archiving.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            await one.RenameAsync(3, "first");
            await one.RenameAsync(3, "second");

            Assert.Equal(2 + Archiving.Gap, await Archiving.RestoredAsync(world, await Archiving.ArchiveAsync(world), Archiving.Id(2)));

            var head = await Archiving.HeadAsync(world, Archiving.Id(2));
            Assert.Equal((2 + Archiving.Gap, 2 + Archiving.Gap, 3 + Archiving.Gap), (head.Revision, head.Published, head.LogStart));
            Assert.True(head.Generation > (await Archiving.HeadAsync(world, World.Project)).Generation);
        });

    [Fact]
    public void In_the_place_of_a_project_numbers_go_on_a_million_above_the_higher_of_the_two_without_a_hole() =>
        Archiving.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            await one.RenameAsync(3, "archived");
            var parts = await Archiving.ArchiveAsync(world);
            await one.RenameAsync(3, "later");

            Assert.Equal(2 + Archiving.Gap, await Archiving.RestoredAsync(world, parts, World.Project));
            Assert.Equal(2 + (2 * Archiving.Gap), await Archiving.RestoredAsync(world, parts, World.Project));
            var two = await world.JoinAsync("Ines", instance: 1);
            await two.RenameAsync(3, "next");

            Assert.Equal(2 + (2 * Archiving.Gap), two.LastDataset.GetProperty("revision").GetInt64());
            Assert.Equal([3 + (2 * Archiving.Gap)], two.Numbers);
            var log = new ProjectLog(world.Store, World.Project);
            var head = await Archiving.HeadAsync(world, World.Project);
            var commits = await log.ReadCommitsAsync(head.LogStart - 1, head.Revision, CancellationToken.None).ToListAsync();
            Assert.Equal([3 + (2 * Archiving.Gap)], commits.Select(static commit => commit.First));
        });

    [Fact]
    public void A_project_that_is_there_is_replaced_only_when_that_is_asked_for() =>
        Archiving.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            var parts = await Archiving.ArchiveAsync(world);
            await one.RenameAsync(3, "kept");
            var request = new RestoreRequest(Name: null, WithAccess: false, Replace: false, Digest: null);

            var refused = await Archiving.RestoreAsync(world, parts, World.Project, request);

            Assert.Contains("replace", Assert.IsType<ArchiveResult.Conflict>(refused).Reason, StringComparison.Ordinal);
            Assert.Equal("kept", await Archiving.NameAsync(world, "Hugo"));
            Assert.True(one.IsOpen);
        });

    [Fact]
    public void The_access_list_is_applied_only_when_that_is_asked_for() =>
        Archiving.Play(async world =>
        {
            await world.GrantAsync(0, user: null, Role.None);
            var parts = await Archiving.ArchiveAsync(world);
            await world.GrantAsync(0, "Ines", Role.Editor);

            await Archiving.RestoredAsync(world, parts, World.Project);
            Assert.Equal(Role.Editor, (await Archiving.AccessAsync(world, World.Project)).RoleOf("Ines"));
            await Archiving.RestoredAsync(world, parts, Archiving.Id(2));
            Assert.Equal([KeyValuePair.Create("Ada", Role.Owner)], (await Archiving.AccessAsync(world, Archiving.Id(2))).Users);
            var withAccess = new RestoreRequest("With access", WithAccess: true, Replace: true, Digest: null);
            await Archiving.RestoredAsync(world, parts, World.Project, withAccess);
            await Archiving.RestoredAsync(world, parts, Archiving.Id(3), withAccess);

            foreach (var project in new[] { World.Project, Archiving.Id(3) })
            {
                Assert.Equal([KeyValuePair.Create(Archiving.Owner, Role.Owner)], (await Archiving.AccessAsync(world, project)).Users);
            }

            var listed = await world.Catalog.ListAsync(Archiving.Owner, CancellationToken.None);
            Assert.Equal(["Office move", "With access"], listed.Select(static project => project.Name));
        });

    [Fact]
    public void Only_an_administrator_restores_and_only_an_owner_or_an_administrator_gets_an_archive() =>
        Archiving.Play(async world =>
        {
            var administration = world.ArchivesOf(0, Archiving.Options);
            Assert.IsType<ArchiveResult.NotAllowed>(await administration.BeginUploadAsync(Archiving.Owner, Archiving.Id(2), default));
            Assert.IsType<ArchiveResult.NotAllowed>(
                await administration.RestoreAsync(Archiving.Owner, World.Project, "any", new RestoreRequest(null, false, true, null), default)
            );
            Assert.IsType<ArchiveResult.NotAllowed>(await administration.BeginAsync("Hugo", World.Project, default));
            await world.GrantAsync(0, user: null, Role.None);
            Assert.IsType<ArchiveResult.NotFound>(await administration.BeginAsync("Hugo", World.Project, default));
            Assert.IsType<ArchiveResult.NotFound>(await administration.BeginAsync("Hugo", Archiving.Id(9), default));

            var made = Archiving.Status(await administration.BeginAsync(Archiving.Administrator, World.Project, default));

            Assert.IsType<ArchiveResult.NotFound>(await administration.ReadPartAsync("Hugo", World.Project, made.Name, 1, default));
            Assert.IsType<ArchiveResult.NotFound>(await administration.ReadPartAsync(Archiving.Owner, Archiving.Id(9), made.Name, 1, default));
            Assert.IsType<ArchiveResult.Part>(await administration.ReadPartAsync(Archiving.Owner, World.Project, made.Name, 1, default));
        });

    [Fact]
    public void A_compaction_removes_what_was_logged_before() =>
        Archiving.Play(async world =>
        {
            var one = await world.JoinAsync("Hugo");
            await one.RenameAsync(3, "before");
            await Archiving.RestoredAsync(world, await Archiving.ArchiveAsync(world), World.Project);

            await world.CompactAsync(new RetentionOptions());

            Assert.DoesNotContain(await Archiving.KeysAsync(world, World.Project), static key => key.StartsWith("c-", StringComparison.Ordinal));
            Assert.Equal("before", await Archiving.NameAsync(world, "Hugo"));
        });
}
