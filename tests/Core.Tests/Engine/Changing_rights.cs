using System.Text.Json;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Sessions;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Engine;

public sealed class Changing_rights
{
    private const string NotAllowed = "Authorization required";

    [Fact]
    public void Who_lost_the_right_to_see_a_project_gets_nothing_more_of_it_and_is_told_by_its_socket() =>
        Run(async world =>
        {
            await MakePrivateAsync(world, "Hugo", "Ines");
            var hugo = await world.JoinAsync("Hugo", instance: 0);
            var ines = await world.JoinAsync("Ines", instance: 1);
            await hugo.RenameAsync(1, "both see this");

            Assert.IsType<ProjectOutcome.Done>(await world.GrantAsync(0, "Ines", Role.None));
            await hugo.RenameAsync(1, "Hugo alone sees this");

            Assert.Equal([1, 2], hugo.Numbers);
            Assert.False(world.Gateway.IsOpen(ines.Connection));
            Assert.DoesNotContain(ines.Connection, world.Gateway.Members(GroupName.OfProject(World.Project, 1)));
        });

    [Fact]
    public void A_right_that_was_given_counts_at_once_on_every_instance() =>
        Run(async world =>
        {
            await MakePrivateAsync(world, "Hugo");
            await world.JoinAsync("Hugo", instance: 1);
            var ines = world.Open("Ines", instance: 1);
            await ines.LoginAsync();
            Assert.Equal(NotAllowed, ErrorOf(await ines.LoadAsync()));

            await world.GrantAsync(0, "Ines", Role.Editor);

            Assert.IsType<EventReply.Done>(await ines.LoadAsync());
            Assert.IsType<EventReply.Done>(await ines.RenameAsync(1, "by Ines"));
            Assert.Equal([1], ines.Numbers);
        });

    [Fact]
    public void A_change_is_not_accepted_when_its_right_is_taken_while_it_is_being_committed() =>
        Run(async world =>
        {
            await MakePrivateAsync(world, "Hugo", "Ines");
            var hugo = await world.JoinAsync("Hugo", instance: 1);
            var ines = await world.JoinAsync("Ines", instance: 0);
            var raced = false;
            world.Store.BeforeSubmit = async actions =>
            {
                if (!raced && actions.Any(static action => action.RowKey.StartsWith("c-", StringComparison.Ordinal)))
                {
                    raced = true;
                    await world.GrantAsync(1, "Ines", Role.Viewer);
                }

                return null;
            };

            await ines.RenameAsync(1, "too late");

            Assert.True(raced);
            Assert.Empty(hugo.Numbers);
            Assert.Equal(NotAllowed, ines.Frames.Single(IsError).GetProperty("error").GetString());
        });

    [Fact]
    public void A_viewer_that_changes_something_is_told_so_and_gets_what_the_others_see() =>
        Run(async world =>
        {
            await MakePrivateAsync(world, "Hugo");
            await world.GrantAsync(0, "Ines", Role.Viewer);
            var hugo = await world.JoinAsync("Hugo");
            var ines = await world.JoinAsync("Ines");
            await hugo.RenameAsync(1, "by Hugo");
            var before = ines.Commands.Count;

            await ines.RenameAsync(1, "by Ines");

            Assert.Equal(["project_change", "dataset"], ines.Commands.Skip(before));
            Assert.Equal(NotAllowed, ines.Frames[before].GetProperty("error").GetString());
            var name = ines.LastDataset.GetProperty("dataset").GetProperty("tasksData")[0].GetProperty("name");
            Assert.Equal("by Hugo", name.GetString());
            Assert.Equal([1], hugo.Numbers);
        });

    [Fact]
    public void A_viewer_that_resets_stays_subscribed() =>
        Run(async world =>
        {
            await MakePrivateAsync(world, "Hugo");
            await world.GrantAsync(0, "Ines", Role.Viewer);
            var ines = await world.JoinAsync("Ines");

            Assert.Equal(NotAllowed, ErrorOf(await ines.ResetAsync()));

            await world.GrantAsync(0, "Ines", Role.Editor);
            Assert.IsType<EventReply.Done>(await ines.RenameAsync(1, "by Ines"));
            Assert.Equal([1], ines.Numbers);
        });

    [Fact]
    public void A_page_that_was_denied_has_to_load_before_it_edits_again() =>
        Run(async world =>
        {
            await MakePrivateAsync(world, "Hugo");
            var ines = world.Open("Ines", instance: 0);
            // As after a restore from an archive that took the right away while a resync kept the page out of the group.
            ines.Adopt(ClientSession.Of("Ines") with { Project = World.Project });
            Assert.Equal(NotAllowed, ErrorOf(await ines.RenameAsync(1, "not allowed")));

            await world.GrantAsync(0, "Ines", Role.Editor);

            Assert.Equal("Subscription to project is required. Load project first", ErrorOf(await ines.RenameAsync(1, "on old data")));
            Assert.Equal("Subscription to project is required. Load project first", ErrorOf(await ines.ResetAsync()));
            Assert.IsType<EventReply.Done>(await ines.LoadAsync());
            Assert.IsType<EventReply.Done>(await ines.RenameAsync(1, "by Ines"));
        });

    [Fact]
    public void Whoever_publishes_next_expels_when_the_instance_that_took_the_right_has_died() =>
        Run(async world =>
        {
            await MakePrivateAsync(world, "Hugo", "Ines");
            var hugo = await world.JoinAsync("Hugo", instance: 1);
            var ines = await world.JoinAsync("Ines", instance: 1);
            world.GateOf(0).Hold();
            var dying = world.GrantAsync(0, "Ines", Role.None);
            await world.Time.PassAsync(TimeSpan.FromSeconds(1));
            Assert.False(dying.IsCompleted);

            await hugo.RenameAsync(1, "after the right was taken");

            Assert.Equal([1], hugo.Numbers);
            Assert.False(world.Gateway.IsOpen(ines.Connection));
            world.GateOf(0).Open();
            await dying;
        });

    [Fact]
    public void When_everybody_loses_the_right_all_sockets_are_closed_and_those_with_a_grant_come_back() =>
        Run(async world =>
        {
            await world.GrantAsync(0, "Hugo", Role.Editor);
            var hugo = await world.JoinAsync("Hugo");
            var stranger = await world.JoinAsync("Ines");

            await world.GrantAsync(0, user: null, Role.None);

            Assert.False(world.Gateway.IsOpen(hugo.Connection));
            Assert.False(world.Gateway.IsOpen(stranger.Connection));
            var back = await world.JoinAsync("Hugo");
            Assert.Contains("dataset", back.Commands);
            var shutOut = world.Open("Ines");
            await shutOut.LoginAsync();
            Assert.Equal(NotAllowed, ErrorOf(await shutOut.LoadAsync()));
        });

    [Fact]
    public void More_grants_than_a_row_holds_are_refused_with_the_limit() =>
        Run(async world =>
        {
            for (var index = 0; index < AccessList.UsersMax; index++)
            {
                Assert.IsType<ProjectOutcome.Done>(await world.GrantAsync(0, $"user {index}", Role.Viewer));
            }

            var refused = Assert.IsType<ProjectOutcome.Refused>(await world.GrantAsync(0, "one more", Role.Viewer));

            Assert.Contains(AccessList.UsersMax.ToString(System.Globalization.CultureInfo.InvariantCulture), refused.Reason, StringComparison.Ordinal);
        });

    [Fact]
    public void Somebody_else_at_the_same_socket_gets_nothing_of_the_session_before() =>
        Run(async world =>
        {
            await MakePrivateAsync(world, "Hugo", "Ines");
            var hugo = await world.JoinAsync("Hugo");
            var shared = await world.JoinAsync("Ines");

            await shared.SendAsync("""{"command":"login","data":{"login":"Jo","password":""}}""");
            await hugo.RenameAsync(1, "not for Jo");

            Assert.Empty(shared.Numbers);
            Assert.DoesNotContain(shared.Connection, world.Gateway.Members(GroupName.OfUser("Ines")));
            Assert.Contains(shared.Connection, world.Gateway.Members(GroupName.OfUser("Jo")));
        });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Who_was_expelled_reads_no_version_through_any_instance(int instance) =>
        Run(async world =>
        {
            await MakePrivateAsync(world, "Hugo", "Ines");
            var hugo = await world.JoinAsync("Hugo", instance: 0);
            var ines = await world.JoinAsync("Ines", instance: 1);
            await hugo.ChangeAsync("""{"versions":{"added":[{"$PhantomId":"_generatedA","content":{"is":"secret"}}]}}""");
            ines.Instance = instance;
            Assert.Contains("secret", TestClient.Body(await ines.SendAsync(LoadVersion)), StringComparison.Ordinal);

            await world.GrantAsync(0, "Ines", Role.None);

            // Her socket is closed; she opens another one.
            var again = world.Open("Ines", instance);
            await again.LoginAsync();
            Assert.Equal(NotAllowed, ErrorOf(await again.SendAsync(LoadVersion)));
            Assert.Contains("secret", TestClient.Body(await hugo.SendAsync(LoadVersion)), StringComparison.Ordinal);
        });

    private const string LoadVersion = """{"command":"load_version_content","data":{"project":1,"versionId":"versions-1"}}""";

    private static async Task MakePrivateAsync(World world, params string[] editors)
    {
        foreach (var editor in editors)
        {
            await world.GrantAsync(0, editor, Role.Editor);
        }

        await world.GrantAsync(0, user: null, Role.None);
    }

    private static void Run(Func<World, Task> scenario) =>
        VirtualTime.Run(time => World.RunAsync(time, scenario, instances: 2));

    private static bool IsError(JsonElement frame) => frame.TryGetProperty("error", out _);

    private static string? ErrorOf(EventReply reply)
    {
        using var document = JsonDocument.Parse(TestClient.Body(reply));
        return document.RootElement.GetProperty("error").GetString();
    }
}
