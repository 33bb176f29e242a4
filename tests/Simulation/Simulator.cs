using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Storage;
using ServerlessSync.Simulation.Checks;
using ServerlessSync.Simulation.Clients;
using ServerlessSync.Simulation.Cluster;
using ServerlessSync.Simulation.Faults;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Simulation;

/// <summary>One run: a world is created and lives, its faults end, it comes to rest, and is checked.</summary>
internal static class Simulator
{
    private const string Viewer = "viewer";
    private const string Outsider = "outsider";
    private const string Owner = "owner";

    /// <summary>Within this time after the last fault all authors know the outcome of their changes.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(60);

    private static readonly byte[] Dataset =
        """
        {"tasksData":[{"id":1,"name":"Plan","children":[{"id":2,"name":"Measure"},{"id":"a","name":"Order"}]},{"id":3,"name":"Move"}],
        "versionsData":[{"id":"v1","name":"First","content":"for those who may see it"}],
        "dependenciesData":[{"id":"d1","from":2,"to":3}],"resourcesData":[{"id":"r1"},{"id":"r2"},{"id":"r3"}],"project":{"startDate":"2027-04-05"}}
        """u8.ToArray();

    public static Outcome Run(Scenario scenario, bool traces = false)
    {
        World? world = null;
        try
        {
            VirtualTime.Run(time => LiveAsync(world = new World(scenario, time, traces)));
        }
        catch (InvalidOperationException exception) when (world is not null)
        {
            // A loop never ends, or a task waits for an event that cannot happen.
            world.Violate("P6 no silence", exception.Message);
        }

        world!.Figures.LongestTurnSeed = scenario.Seed;
        return new Outcome(scenario, world.Violations, world.Faults.Counts, world.Figures, world.Trace.Lines);
    }

    private static async Task LiveAsync(World world)
    {
        await CreateAsync(world);
        var people = Enumerable.Range(1, world.Scenario.Clients).Select(number => Invite(world, number)).ToList();
        world.People.AddRange(people);
        world.Spawn(MaintainAsync(world), "maintenance");
        world.Spawn(StormAsync(world), "weather");
        if (world.Scenario.HasSideProjects)
        {
            world.Spawn(world.SideProjects.LiveAsync(), "side projects");
        }

        if (world.Scenario.HasArchives)
        {
            world.Spawn(world.Archivist.LiveAsync(), "archives");
        }

        await Task.WhenAll(people.Select(person => person.LiveAsync(world.Scenario.Steps)));
        world.Trace.Note($"--- all faults end");
        world.Faults.End(world.Time.Elapsed);
        foreach (var instance in world.Cluster.Instances)
        {
            instance.Thaw();
        }

        await Task.Delay(Rest, world.Time);
        await FinalChecks.RunAsync(world);
    }

    private static async Task CreateAsync(World world)
    {
        var catalog = new ProjectCatalog(world.Vault, new SeededIds(world.Scenario.Seed));
        var access = new AccessList(
            Role.None,
            Enumerable
                .Range(1, world.Scenario.Clients + 20)
                .ToDictionary(static number => $"p{number}", static _ => Role.Editor)
                .Append(new KeyValuePair<string, Role>(Viewer, Role.Viewer))
                .Append(new KeyValuePair<string, Role>(Owner, Role.Owner))
                .ToDictionary()
        );
        foreach (var project in world.Projects)
        {
            await catalog.CreateAsync(project, $"Project {project}", Dataset, access, CancellationToken.None);
        }
    }

    /// <summary>A user with a page of a random kind, sometimes without the rights for what it tries.</summary>
    public static Person Invite(World world, int number)
    {
        var dice = world.NewDice();
        var name = number switch
        {
            4 when dice.Chance(0.2) => Viewer,
            5 when dice.Chance(0.3) => Outsider,
            _ => $"p{number}",
        };
        var project = dice.Pick(world.Projects);
        var kind = dice.Below(4);
        Page page = (world.Scenario.OwnPages ? 0 : kind) switch
        {
            0 => new OwnPage(world, name, dice.Fork(), project) { MayEdit = name != Viewer },
            1 => new BryntumPage(world, name, dice.Fork(), project, ClientIdRegime.Login) { MayEdit = name != Viewer },
            2 => new BryntumPage(world, name, dice.Fork(), project, ClientIdRegime.Uuid) { MayEdit = name != Viewer },
            _ => new BryntumPage(world, name, dice.Fork(), project, ClientIdRegime.None) { MayEdit = name != Viewer },
        };
        return new Person(world, page, dice) { MaySee = _ => name != Outsider };
    }

    /// <summary>Begins and ends storms. A storm ends before or after an instance that it froze continues.</summary>
    private static async Task StormAsync(World world)
    {
        while (world.Scenario.Storm is { } storm && !world.Faults.HaveEnded)
        {
            await Task.Delay(world.ServiceDice.Milliseconds(300, 3_000), world.Time);
            if (world.Faults.HaveEnded)
            {
                break;
            }

            world.Trace.Note($"a storm of {storm.Name} begins");
            world.Faults.IsStormy = true;
            world.Cluster.Strike(storm.Stroke, world.ServiceDice.Pick(world.Projects));
            await Task.Delay(world.ServiceDice.Milliseconds(300, 5_000), world.Time);
            world.Trace.Note($"the storm ends");
            world.Faults.IsStormy = false;
        }
    }

    /// <summary>Acts for operators and timers.</summary>
    private static async Task MaintainAsync(World world)
    {
        while (!world.Faults.HaveEnded)
        {
            await Task.Delay(world.ServiceDice.Milliseconds(500, 8_000), world.Time);
            if (world.Cluster.Pick() is { } instance && world.Faults.Strikes(FaultKind.InstanceRestart, weight: 5))
            {
                world.Cluster.Restart(instance);
            }

            if (world.Scenario.ChangesRights && world.Cluster.Pick() is { } granting)
            {
                world.Spawn(GrantAsync(world, granting), "a grant");
            }

            if (world.Scenario.Restores && world.ServiceDice.Chance(0.5) && world.Cluster.Pick() is { } restoring)
            {
                world.Spawn(RestoreAsync(world, restoring), "a restore");
            }

            if (world.Scenario.Retention is not null && world.Cluster.Pick() is { } compacting)
            {
                world.Spawn(CompactAsync(world, compacting), "a compaction");
            }

            if (world.Scenario.Has(FaultKind.NoSweep))
            {
                world.Faults.Note(FaultKind.NoSweep);
            }
            else if (world.Cluster.Pick() is { } sweeping)
            {
                world.Spawn(SweepAsync(world, sweeping), "a sweep");
            }
        }
    }

    private static async Task GrantAsync(World world, Instance instance)
    {
        var user = $"p{world.ServiceDice.Between(1, world.Scenario.Clients)}";
        var role = world.ServiceDice.Pick([Role.None, Role.None, Role.Viewer, Role.Editor, Role.Editor]);
        var project = world.ServiceDice.Pick(world.Projects);
        world.Trace.Note($"instance {instance.Number} is to make {user} {role} of {project}");
        var outcome = await instance.GrantAsync(project, user, role);
        world.Trace.Note($"instance {instance.Number} has made {user} {role} of {project}: {outcome}");
        Trespass.Try(world, user, project);
    }

    private static async Task RestoreAsync(World world, Instance instance)
    {
        var project = world.ServiceDice.Pick(world.Projects);
        var account = world.Vault.Ledger.Of(project);
        var revision = PickRevision(world, account);
        world.Trace.Note($"instance {instance.Number} is asked to restore {project} to {revision}");
        try
        {
            var result = await instance.RestoreAsync(Owner, project, revision);
            world.Trace.Note($"instance {instance.Number} was asked to restore {project} to {revision}: {result}");
            var isRight = result switch
            {
                AdministrationResult.Restored done => account.EntryOf(done.Revision).Restored?.Revision == revision,
                AdministrationResult.NotRetained kept => revision < kept.First,
                _ => result is AdministrationResult.Unavailable,
            };
            if (!isRight)
            {
                world.Violate("P5 convergence", $"{project} was to be restored to {revision}: {result}");
            }
        }
        catch (StorageException exception)
        {
            world.Trace.Note($"instance {instance.Number} could not restore {project}: {exception.Message}");
        }
    }

    /// <summary>Any revision of the project, including those at which its log began.</summary>
    private static long PickRevision(World world, ProjectAccount account)
    {
        var place = world.ServiceDice.Between(0, account.Entries.Count);
        return account.Periods is [.., { Anchor: > 0 } last] && place <= account.Entries.Count / 2 ? last.Anchor
            : place == 0 ? 0
            : account.Entries[place - 1].Revision;
    }

    public static async Task CompactAsync(World world, Instance instance)
    {
        try
        {
            var report = await instance.CompactAsync();
            world.Figures.Compactions += report.Compacted;
            world.Trace.Note($"instance {instance.Number} compacted: {report}");
        }
        catch (StorageException exception)
        {
            world.Trace.Note($"instance {instance.Number} could not compact: {exception.Message}");
        }
    }

    private static async Task SweepAsync(World world, Instance instance)
    {
        try
        {
            var report = await instance.SweepAsync();
            world.Trace.Note($"instance {instance.Number} swept: {report}");
        }
        catch (StorageException exception)
        {
            world.Trace.Note($"instance {instance.Number} could not sweep: {exception.Message}");
        }
    }
}
