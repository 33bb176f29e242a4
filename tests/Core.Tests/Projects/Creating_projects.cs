using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Storage;
using ServerlessSync.Core.Tests.Engine;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Projects;

public sealed class Creating_projects
{
    [Fact]
    public void Concurrent_creations_of_one_id_have_one_winner_and_leave_nothing_else() =>
        Run(async world =>
        {
            var people = Enumerable.Range(1, 8).Select(static number => $"person {number}").ToList();

            var results = await Task.WhenAll(
                people.Select((person, index) => Traces.CreateAsync(world, person, index % 2, $"of {person}"))
            );

            var winner = people[Array.FindIndex(results, static result => result is AdministrationResult.Created)];
            Assert.Single(results, static result => result is AdministrationResult.Created);
            foreach (var person in people)
            {
                Assert.Equal(person == winner ? [$"7 of {person}"] : [], await Traces.ListAsync(world, person));
            }

            var rows = await Traces.OfProjectAsync(world);
            Assert.Equal(["data acl", "data b", "data head", "data name", "data v"], rows.Where(IsData).Select(WithoutWriter));
            Assert.Equal(0, await Traces.JobsAsync(world));
        });

    [Fact]
    public void A_creation_that_broke_off_anywhere_ends_with_a_listed_project_or_with_nothing()
    {
        foreach (var fault in new[] { StoreFault.LostRequest, StoreFault.LostAnswer, StoreFault.LateRequest })
        {
            for (var (at, hasBroken) = (1, true); hasBroken; at++)
            {
                hasBroken = false;
                Run(async world =>
                {
                    var count = 0;
                    world.Store.BeforeSubmit = _ =>
                    {
                        var strikes = ++count == at;
                        hasBroken |= strikes;
                        return Task.FromResult<StoreFault?>(strikes ? fault : null);
                    };
                    AdministrationResult? result = null;
                    try
                    {
                        result = await Traces.CreateAsync(world);
                    }
                    catch (StorageException)
                    {
                        // The caller does not learn the outcome.
                    }

                    world.Store.BeforeSubmit = static _ => Task.FromResult<StoreFault?>(null);
                    await Traces.SweepUpAsync(world, instance: 1);
                    await AssertWholeOrNothingAsync(world, result is AdministrationResult.Created);
                });
            }
        }
    }

    [Fact]
    public void A_creation_during_a_deletion_leaves_nothing_whenever_it_comes()
    {
        for (var (at, hasCome) = (1, true); hasCome; at++)
        {
            hasCome = false;
            Run(async world =>
            {
                await Traces.CreateAsync(world);
                var count = 0;
                world.Store.BeforeSubmit = async _ =>
                {
                    if (++count == at)
                    {
                        hasCome = true;
                        Assert.IsType<AdministrationResult.Exists>(await Traces.CreateAsync(world, "Ines", instance: 1));
                    }

                    return null;
                };

                Assert.IsType<AdministrationResult.Done>(await Traces.DeleteAsync(world));

                await Traces.AssertTombstoneAloneAsync(world);
                Assert.Empty(await Traces.ListAsync(world, "Ines"));
            });
        }
    }

    [Fact]
    public void A_deletion_during_a_creation_leaves_nothing_whenever_it_comes()
    {
        for (var (at, hasCome) = (1, true); hasCome; at++)
        {
            hasCome = false;
            Run(async world =>
            {
                var count = 0;
                var isDeleted = false;
                world.Store.BeforeSubmit = async _ =>
                {
                    if (++count == at)
                    {
                        hasCome = true;
                        isDeleted = await Traces.DeleteAsync(world, "Ines", instance: 1) is AdministrationResult.Done;
                    }

                    return null;
                };
                await Traces.CreateAsync(world, "Ines");
                world.Store.BeforeSubmit = static _ => Task.FromResult<StoreFault?>(null);
                if (isDeleted)
                {
                    await Traces.AssertTombstoneAloneAsync(world);
                }

                Assert.Equal(isDeleted ? [] : ["7 Office move"], await Traces.ListAsync(world, "Ines"));
            });
        }
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("..")]
    [InlineData("left\u202Eright")]
    public void An_id_that_addresses_do_not_carry_is_refused(string id) =>
        Run(async world =>
        {
            var result = await world
                .AdministrationOf(0)
                .CreateAsync("Hugo", Model.JsonId.Of(id), "Plan", "{}"u8.ToArray(), CancellationToken.None);

            Assert.StartsWith("id: ", Assert.IsType<AdministrationResult.Refused>(result).Reason, StringComparison.Ordinal);
        });

    [Theory]
    [InlineData("bell\u0007")]
    [InlineData("two\nlines")]
    [InlineData("line\u2028separator")]
    [InlineData("evil\u202Etxt")]
    [InlineData("isolate\u2066")]
    [InlineData("mark\u200F")]
    [InlineData("arabic mark\u061C")]
    public void A_name_with_control_or_direction_characters_is_refused(string name) =>
        Run(async world =>
        {
            var result = await Traces.CreateAsync(world, name: name);

            Assert.StartsWith("name: no control characters", Assert.IsType<AdministrationResult.Refused>(result).Reason, StringComparison.Ordinal);
        });

    [Theory]
    [InlineData("план офиса")]
    [InlineData("نقل المكتب")]
    [InlineData("👩‍👩‍👧 move")]
    public void A_name_of_any_script_is_taken(string name) =>
        Run(async world =>
        {
            Assert.IsType<AdministrationResult.Created>(await Traces.CreateAsync(world, name: name));
            Assert.Equal([$"7 {name}"], await Traces.ListAsync(world, "Hugo"));
        });

    private static async Task AssertWholeOrNothingAsync(World world, bool mustBeThere)
    {
        var log = new ProjectLog(world.Store, Traces.Project);
        if (await log.ReadHeadAsync(CancellationToken.None) is null)
        {
            Assert.False(mustBeThere);
            Assert.Empty(await Traces.OfProjectAsync(world));
            return;
        }

        Assert.Equal(["7 Office move"], await Traces.ListAsync(world, "Hugo"));
        Assert.Equal(
            Role.Owner,
            (await log.ReadAccessAsync(CancellationToken.None)).List.RoleOf("Hugo")
        );
    }

    private static bool IsData(string row) => row.StartsWith("data ", StringComparison.Ordinal);

    private static string WithoutWriter(string row) => row.Split('-')[0];

    private static void Run(Func<World, Task> scenario) => VirtualTime.Run(time => World.RunAsync(time, scenario, instances: 2));
}
