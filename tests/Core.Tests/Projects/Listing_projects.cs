using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Storage;
using ServerlessSync.Core.Tests.Engine;
using ServerlessSync.Protocol;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Projects;

public sealed class Listing_projects
{
    private static readonly AccessList Public = AccessList.Empty.With(user: null, Role.Viewer);

    [Fact]
    public void Own_projects_come_first_however_many_others_are_shared_with_all_users() =>
        Run(async world =>
        {
            for (var number = 100; number < 100 + ProjectCatalog.ListedMax; number++)
            {
                await MakeAsync(world, number, "public", Public);
            }

            await MakeAsync(world, 900_000, "shared", AccessList.Empty.With("Hugo", Role.Viewer));
            await MakeAsync(world, 900_001, "own", AccessList.Empty.With("Hugo", Role.Owner));

            var list = await Traces.ListAsync(world, "Hugo");

            Assert.Equal(["900001 own", "900000 shared", "100 public"], list.Take(3));
            Assert.Equal(ProjectCatalog.ListedMax - 1, list.Count);
        });

    [Fact]
    public void The_list_fits_one_message_whatever_the_names_are_made_of() =>
        Run(async world =>
        {
            for (var number = 100; number < 1_000; number++)
            {
                // Twelve bytes per pair of characters when escaped, the maximum.
                await MakeAsync(world, number, string.Concat(Enumerable.Repeat("😀", ProjectRules.NameLengthMax / 2)), Public);
            }

            var list = await world.Catalog.ListAsync("Hugo", CancellationToken.None);

            var frame = new BryntumDialect().Write(new ServerMessage.Projects(list));
            Assert.InRange(frame.Length, 200 * 1024, ProjectCatalog.ListedBytesMax + 1024);
            Assert.True(ProjectCatalog.ListedBytesMax + 1024 < GatewayLimits.MessageBytesMax);
        });

    [Fact]
    public void Pages_hold_everything_once_and_end() =>
        Run(async world =>
        {
            for (var number = 10; number < 40; number++)
            {
                var role = (number % 3) switch
                {
                    0 => AccessList.Empty.With("Hugo", Role.Owner),
                    1 => Public,
                    _ => Public.With("Hugo", Role.Editor),
                };
                await MakeAsync(world, number, "x", role);
            }

            var whole = (await world.Catalog.ListAsync("Hugo", CancellationToken.None)).Select(static project => project.Project).ToList();
            foreach (var limit in new[] { 1, 7, 31, 200 })
            {
                var paged = new List<ProjectId>();
                string? after = null;
                do
                {
                    var page = (await world.Catalog.ReadPageAsync("Hugo", limit, after, CancellationToken.None))!;
                    Assert.InRange(page.Projects.Count, 0, limit);
                    paged.AddRange(page.Projects.Select(static project => project.Project));
                    after = page.After;
                } while (after is not null);

                Assert.Equal(whole, paged);
            }

            Assert.Equal(31, whole.Count);
        });

    [Theory]
    [InlineData("")]
    [InlineData("%")]
    [InlineData("OQ")]
    [InlineData("MA")]
    [InlineData("MCcgb3IgMSBlcSAx")]
    public void A_place_that_no_page_ended_with_is_none(string after) =>
        Run(async world => Assert.Null(await world.Catalog.ReadPageAsync("Hugo", 10, after, CancellationToken.None)));

    [Fact]
    public void A_page_token_of_another_user_reveals_nothing() =>
        Run(async world =>
        {
            await MakeAsync(world, 10, "private", AccessList.Empty.With("Hugo", Role.Owner));
            await MakeAsync(world, 11, "private", AccessList.Empty.With("Hugo", Role.Owner));
            var after = (await world.Catalog.ReadPageAsync("Hugo", 1, after: null, CancellationToken.None))!.After;

            var page = await world.Catalog.ReadPageAsync("Ines", 10, after, CancellationToken.None);

            Assert.Equal([World.Project], page!.Projects.Select(static project => project.Project));
        });

    [Fact]
    public void A_grant_lists_the_project_and_its_loss_takes_it_out_before_they_are_answered() =>
        Run(async world =>
        {
            await Traces.CreateAsync(world);

            await Traces.GrantAsync(world, "Ines", Role.Viewer);
            Assert.Contains("7 Office move", await Traces.ListAsync(world, "Ines"));
            await Traces.GrantAsync(world, "Ines", Role.Owner);
            Assert.Equal("7 Office move", (await Traces.ListAsync(world, "Ines"))[0]);
            await Traces.GrantAsync(world, grantee: null, Role.Viewer);
            Assert.Equal(["7 Office move"], await Traces.ListAsync(world, "Ines"));
            Assert.Contains("7 Office move", await Traces.ListAsync(world, "Jo"));
            await Traces.GrantAsync(world, "Ines", Role.None);
            await Traces.GrantAsync(world, grantee: null, Role.None);

            Assert.DoesNotContain("7 Office move", await Traces.ListAsync(world, "Ines"));
            Assert.DoesNotContain("7 Office move", await Traces.ListAsync(world, "Jo"));
            Assert.Equal(0, await Traces.JobsAsync(world));
        });

    [Fact]
    public void A_user_who_lost_the_right_sees_nothing_though_the_list_could_not_be_changed() =>
        Run(async world =>
        {
            await Traces.CreateAsync(world);
            await Traces.GrantAsync(world, "Ines", Role.Viewer);
            world.Store.BeforeSubmit = static actions =>
                Task.FromResult<StoreFault?>(actions is [TableAction.Delete delete] && delete.RowKey.EndsWith("-n7", StringComparison.Ordinal) ? StoreFault.Refused : null);

            await Assert.ThrowsAsync<StorageException>(() => Traces.GrantAsync(world, "Ines", Role.None));

            Assert.DoesNotContain("7 Office move", await Traces.ListAsync(world, "Ines"));
            world.Store.BeforeSubmit = static _ => Task.FromResult<StoreFault?>(null);
            await Traces.SweepUpAsync(world);
            Assert.DoesNotContain(await Traces.OfProjectAsync(world), static row => row.EndsWith(" Ines", StringComparison.Ordinal));
        });

    [Fact]
    public void A_grant_whose_process_died_before_it_was_listed_is_listed_by_the_sweep() =>
        Run(async world =>
        {
            await Traces.CreateAsync(world);
            world.Store.BeforeSubmit = static actions =>
                Task.FromResult<StoreFault?>(actions is [TableAction.Insert insert] && insert.RowKey.EndsWith("-n7", StringComparison.Ordinal) ? StoreFault.LostRequest : null);
            await Assert.ThrowsAsync<StorageException>(() => Traces.GrantAsync(world, "Ines", Role.Viewer));
            world.Store.BeforeSubmit = static _ => Task.FromResult<StoreFault?>(null);

            await world.SweepAsync(1);

            Assert.Contains("7 Office move", await Traces.ListAsync(world, "Ines"));
        });

    [Fact]
    public void A_change_that_overtakes_another_has_the_last_word() =>
        Run(async world =>
        {
            await Traces.CreateAsync(world);
            var isFirst = true;
            world.Store.BeforeSubmit = async actions =>
            {
                if (isFirst && actions is [TableAction.Insert insert] && insert.RowKey.EndsWith("-n7", StringComparison.Ordinal))
                {
                    // The row that lists the project for Ines is in flight while her right is revoked.
                    isFirst = false;
                    await Traces.GrantAsync(world, "Ines", Role.None, instance: 1);
                }

                return null;
            };

            await Traces.GrantAsync(world, "Ines", Role.Editor);

            Assert.False(isFirst);
            Assert.DoesNotContain(await Traces.OfProjectAsync(world), static row => row.EndsWith(" Ines", StringComparison.Ordinal));
        });

    [Fact]
    public void Projects_of_the_last_release_are_listed_at_the_first_look() =>
        Run(async world =>
        {
            await MakeOfLastReleaseAsync(world, 50, "own", AccessList.Empty.With("Hugo", Role.Owner));
            await MakeOfLastReleaseAsync(world, 51, "everybody's", Public);
            await MakeOfLastReleaseAsync(world, 52, "of others", AccessList.Empty.With("Ines", Role.Owner));

            Assert.Equal(["50 own", "51 everybody's"], await Traces.ListAsync(world, "Hugo"));
        });

    [Fact]
    public void What_an_instance_of_the_last_release_changes_afterwards_is_found_by_the_sweep() =>
        Run(async world =>
        {
            Assert.Empty(await Traces.ListAsync(world, "Hugo"));
            await MakeOfLastReleaseAsync(world, 50, "own", AccessList.Empty.With("Hugo", Role.Owner));

            await world.SweepAsync(0);

            Assert.Contains("50 own", await Traces.ListAsync(world, "Hugo"));
        });

    [Fact]
    public void Rows_of_projects_that_are_gone_are_removed_by_the_sweep() =>
        Run(async world =>
        {
            var gone = new ProjectId(JsonId.Of("gone"));
            foreach (var place in new[] { ListingPlace.Of("Hugo", gone, isOwner: true), ListingPlace.OfEveryone(gone) })
            {
                await world.Store.SubmitAsync(
                    TableName.Projects,
                    place.Partition,
                    [new TableAction.Insert(place.Key, ListingRow.ToProperties(gone, "ghost", place.Partition == ListingPlace.Shared ? null : "Hugo", 1))],
                    CancellationToken.None
                );
            }

            Assert.Empty(await Traces.ListAsync(world, "Hugo"));
            for (var round = 0; round < 2 * ListingPlace.Partitions.Count; round++)
            {
                await world.SweepAsync(0);
            }

            foreach (var place in new[] { ListingPlace.Of("Hugo", gone, isOwner: true), ListingPlace.OfEveryone(gone) })
            {
                Assert.Null(await world.Store.GetAsync(TableName.Projects, place.Partition, place.Key, CancellationToken.None));
            }
        });

    [Fact]
    public void A_name_of_the_last_release_is_shown_without_what_is_refused_now() =>
        Run(async world =>
        {
            await MakeOfLastReleaseAsync(world, 50, "evil\u202Etxt\u0007", AccessList.Empty.With("Hugo", Role.Owner));

            Assert.Equal("50 evil\uFFFDtxt\uFFFD", (await Traces.ListAsync(world, "Hugo"))[0]);
        });

    /// <summary>Head, access list and a catalog row, but no name row and no rows in lists.</summary>
    private static async Task MakeOfLastReleaseAsync(World world, int number, string name, AccessList access)
    {
        var project = new ProjectId(JsonId.Of(number));
        await world.Store.SubmitAsync(
            TableName.Data,
            project.Key,
            [
                new TableAction.Insert(RowKeys.Head, Head.New("b-old").ToProperties()),
                new TableAction.Insert(RowKeys.Access, AccessRow.Of(access).ToProperties()),
            ],
            CancellationToken.None
        );
        var row = new Dictionary<string, TableValue>(StringComparer.Ordinal)
        {
            ["format"] = 1,
            ["id"] = project.Id.ToJson(),
            ["name"] = name,
            ["access"] = access.ToJson(),
        };
        await world.Store.SubmitAsync(TableName.Projects, "projects", [new TableAction.Insert(project.Key, row)], CancellationToken.None);
    }

    private static async Task MakeAsync(World world, int number, string name, AccessList access) =>
        Assert.IsType<CreateResult.Created>(
            await world.Catalog.CreateAsync(new ProjectId(JsonId.Of(number)), name, "{}"u8.ToArray(), access, CancellationToken.None)
        );

    private static void Run(Func<World, Task> scenario) => VirtualTime.Run(time => World.RunAsync(time, scenario, instances: 2));
}
