using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Engine;

/// <summary>A project that is not there, or not for the user who asks, costs one point read and no engine. Counted, not timed.</summary>
public sealed class Asking_for_what_is_not_there
{
    private const string NotAllowed = "Authorization required";

    public static TheoryData<string> Commands =>
        ["""{"command":"dataset","data":{"project":ID}}""", """{"command":"load_version_content","data":{"project":ID,"versionId":"v"}}"""];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Costs_one_point_read_and_no_engine(string command) =>
        Run(async world =>
        {
            var client = world.Open("Hugo");
            await client.LoginAsync();
            var (reads, queries) = (world.Store.PointReads, world.Store.Queries);

            for (var id = 1_000; id < 1_100; id++)
            {
                Assert.Contains(NotAllowed, TestClient.Body(await client.SendAsync(Of(command, id))), StringComparison.Ordinal);
            }

            Assert.Equal((100, 0), (world.Store.PointReads - reads, world.Store.Queries - queries));
            Assert.Equal(0, world.Observer.Loads);
            Assert.Equal(0, world.RegistryOf(0).Loading.Budget.Used);
        });

    [Fact]
    public void To_reset_it_takes_a_subscription_and_not_even_a_read() =>
        Run(async world =>
        {
            var client = world.Open("Hugo");
            await client.LoginAsync();
            var reads = world.Store.PointReads;

            var answer = TestClient.Body(await client.SendAsync("""{"command":"reset","data":{"project":4711}}"""));

            Assert.Contains("Subscription to project is required. Load project first", answer, StringComparison.Ordinal);
            Assert.Equal((reads, 0), (world.Store.PointReads, world.Observer.Loads));
        });

    [Theory]
    [MemberData(nameof(Commands))]
    public void Is_remembered_for_a_second(string command) =>
        Run(async world =>
        {
            var client = world.Open("Hugo");
            await client.LoginAsync();
            var reads = world.Store.PointReads;
            for (var time = 0; time < 20; time++)
            {
                await client.SendAsync(Of(command, 4711));
            }

            Assert.Equal(1, world.Store.PointReads - reads);
            await world.Time.PassAsync(TimeSpan.FromSeconds(1));
            await client.SendAsync(Of(command, 4711));
            Assert.Equal(2, world.Store.PointReads - reads);
        });

    [Fact]
    public void Looks_and_costs_the_same_when_there_is_such_a_project_for_others() =>
        Run(async world =>
        {
            await world.Catalog.CreateAsync(new ProjectId(JsonId.Of(2)), "Secret", "{}"u8.ToArray(), AccessList.Empty, CancellationToken.None);
            var client = world.Open("Hugo");
            await client.LoginAsync();
            foreach (var command in Commands.Select(static row => row.Data))
            {
                var reads = world.Store.PointReads;
                var existing = TestClient.Body(await client.SendAsync(Of(command, 2)));
                var between = world.Store.PointReads;
                var missing = TestClient.Body(await client.SendAsync(Of(command, 3_000 + command.Length)));

                Assert.Equal(missing.Replace((3_000 + command.Length).ToString(System.Globalization.CultureInfo.InvariantCulture), "2", StringComparison.Ordinal), existing);
                Assert.Equal((1, 1), (between - reads, world.Store.PointReads - between));
            }

            Assert.Equal(0, world.Observer.Loads);
        });

    [Fact]
    public void Over_the_api_costs_one_point_read_too() =>
        Run(async world =>
        {
            var reads = world.Store.PointReads;
            var project = new ProjectId(JsonId.Of(4711));
            for (var time = 0; time < 10; time++)
            {
                Assert.IsType<AdministrationResult.NotFound>(await world.AdministrationOf(0).ExportAsync("Hugo", project, CancellationToken.None));
                Assert.IsType<AdministrationResult.NotFound>(await world.AdministrationOf(0).ExportAsync("Hugo", project, 3, CancellationToken.None));
                Assert.IsType<AdministrationResult.NotFound>(await world.AdministrationOf(0).ListRevisionsAsync("Hugo", project, before: null, 50, CancellationToken.None));
                Assert.IsType<AdministrationResult.NotFound>(await world.AdministrationOf(0).RestoreAsync("Hugo", project, 3, CancellationToken.None));
            }

            Assert.Equal(1, world.Store.PointReads - reads);
            Assert.Equal(0, world.Store.Queries);
        });

    [Fact]
    public void A_project_that_is_made_here_can_be_opened_at_once() =>
        Run(async world =>
        {
            var client = world.Open("Hugo");
            await client.LoginAsync();
            Assert.Contains(NotAllowed, TestClient.Body(await client.SendAsync(Of(Commands.First().Data, 5))), StringComparison.Ordinal);

            await world.AdministrationOf(0).CreateAsync("Hugo", JsonId.Of(5), "Five", "{}"u8.ToArray(), CancellationToken.None);
            await client.SendAsync(Of(Commands.First().Data, 5));

            Assert.Contains("dataset", client.Commands);
        });

    /// <summary>
    /// The memory of what is not there is bounded: who asks for more of them pays for reads, and the first ones are asked for again.
    /// </summary>
    [Fact]
    public void More_than_are_remembered_push_the_oldest_out() =>
        Run(async world =>
        {
            world.Store.Latency = TimeSpan.Zero;
            var registry = world.RegistryOf(0);
            for (var id = 0; id <= AdmissionCheck.MissingMax; id++)
            {
                await registry.FindAccessAsync(new ProjectId(JsonId.Of(100_000 + id)), CancellationToken.None);
            }

            var reads = world.Store.PointReads;
            await registry.FindAccessAsync(new ProjectId(JsonId.Of(100_000 + AdmissionCheck.MissingMax)), CancellationToken.None);
            Assert.Equal(0, world.Store.PointReads - reads);
            await registry.FindAccessAsync(new ProjectId(JsonId.Of(100_000)), CancellationToken.None);
            Assert.Equal(1, world.Store.PointReads - reads);
        });

    [Fact]
    public void An_engine_whose_project_is_not_there_ends_at_once() =>
        Run(async world =>
        {
            // As a sweep asks, which has read of the project before.
            var outcome = await world.RegistryOf(0).PublishAsync(new ProjectId(JsonId.Of(4711)), CancellationToken.None);

            Assert.IsType<ProjectOutcome.Denied>(outcome);
            await world.Time.PassAsync(TimeSpan.FromMilliseconds(10));
            Assert.Equal(0, world.RegistryOf(0).Loading.Budget.Used);
        });

    private static string Of(string command, int id) =>
        command.Replace("ID", id.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static void Run(Func<World, Task> scenario) => VirtualTime.Run(time => World.RunAsync(time, scenario));
}
