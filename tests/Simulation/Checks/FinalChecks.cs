using System.Text.Json;
using ServerlessSync.Core.History;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Maintenance;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;
using ServerlessSync.Simulation.Clients;
using ServerlessSync.Simulation.Cluster;
using ServerlessSync.Simulation.Faults;

namespace ServerlessSync.Simulation.Checks;

/// <summary>What must hold after all faults have ended and the system is at rest.</summary>
internal static class FinalChecks
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(30);

    /// <summary>The store may execute a request this long after its process died (<see cref="FaultKind.StoreLateRequest"/>).</summary>
    private static readonly TimeSpan LateRequestMax = TimeSpan.FromSeconds(4);

    /// <summary>Waiting events, and what they add to loaded states, in projects of this size. In bytes.</summary>
    private const long GrowthMax = 64 * 1024;

    /// <summary>Longer than the time after which presence drops a missing connection (PresenceOptions.Grace, MissInterval).</summary>
    private static readonly TimeSpan Reconciliation = TimeSpan.FromSeconds(61);

    public static async Task RunAsync(World world)
    {
        foreach (var person in world.People.Where(person => !IsLeftToSweep(world, person.Page)))
        {
            CheckInformed(world, person.Page);
        }

        CheckPublished(world);
        await SweepAsync(world);
        await ReconcileAsync(world);
        if (!world.Faults.HaveStruck(FaultKind.SendLate) && !world.Faults.HaveStruck(FaultKind.InstanceFreeze))
        {
            // A list whose send timed out or whose sender froze can arrive after its successor, and is shown until the next change.
            CheckPresence(world);
        }

        if (world.Scenario.Retention is not null)
        {
            await Simulator.CompactAsync(world, world.Cluster.Pick()!);
        }

        await AddNewPagesAsync(world);
        await ReconcileAsync(world);
        foreach (var project in world.Projects)
        {
            await CheckProjectAsync(world, project);
        }

        foreach (var socket in world.Service.Open)
        {
            socket.Subscription.CheckComplete();
        }

        CheckPresence(world);
        if (world.Scenario.HasSideProjects)
        {
            await SideProjectChecks.RunAsync(world);
        }

        await CheckDrainAsync(world);
        await SnapshotChecks.RunAsync(world);
        await CheckDueAsync(world);
    }

    /// <summary>P6: an engine that committed also publishes. The commits of a dead process wait for the next engine or a sweep.</summary>
    private static void CheckPublished(World world)
    {
        foreach (var project in world.Projects)
        {
            var account = world.Vault.Ledger.Of(project);
            var head = account.Head;

            // HTTP requests are not redelivered, so commits that a stopping process could not send wait for a sweep too.
            var isLeft = account.Entries.Any(static entry => entry.Restored is not null) && world.Faults.HaveStruck(FaultKind.InstanceRestart);
            if (head.Published != head.Revision && !isLeft && world.Cluster.LastDeath + LateRequestMax < account.TimeOf(head.Published + 1))
            {
                world.Violate("P6 no silence", $"{project} was left at {head.Published} of {head.Revision} published, and no process has died since");
            }
        }
    }

    /// <summary>Whether the process that owes the page a dataset may have died since. Then a sweep sends it.</summary>
    private static bool IsLeftToSweep(World world, Page page) =>
        page is BryntumPage { OwedSince: { } since } && world.Cluster.LastDeath + LateRequestMax >= since;

    /// <summary>P6: no page waits for anything.</summary>
    private static void CheckInformed(World world, Page page)
    {
        if (page is { IsConnected: true, Pending: > 0, IsLoaded: true, Stopped: null })
        {
            world.Violate("P6 no silence", $"{page.Name} on {page.Socket!.Id} still waits for {page.Pending} changes");
        }

        if (page is { IsConnected: true, Stopped: { } reason })
        {
            world.Violate("P6 no silence", $"{page.Name} on {page.Socket!.Id} stopped for good {reason}");
        }

        if (page is { IsConnected: true, IsLoading: true })
        {
            world.Violate("P6 no silence", $"{page.Name} on {page.Socket!.Id} still waits for a dataset");
        }
    }

    /// <summary>A sweep alone publishes what dead processes left, without any client in the project.</summary>
    private static async Task SweepAsync(World world)
    {
        var report = await world.Cluster.Pick()!.SweepAsync();
        world.Trace.Note($"the sweep at the end: {report}");
        world.Figures.Swept += report.TakenOver;
        await Task.Delay(Settle, world.Time);
        foreach (var project in world.Projects)
        {
            var head = world.Vault.Ledger.Of(project).Head;
            if (head.Published != head.Revision)
            {
                world.Violate("P6 no silence", $"{project} after a sweep: {head.Published} of {head.Revision} published");
            }
        }
    }

    /// <summary>After all instances have stopped, two sweeps empty the table of due rows.</summary>
    private static async Task CheckDueAsync(World world)
    {
        await Task.Delay(new SweepOptions().AbandonedAfter + Settle, world.Time);
        var sweeper = world.Cluster.Instances[0];
        await sweeper.SweepAsync();
        if (await sweeper.SweepAsync() is { Rows: > 0 } left)
        {
            world.Violate("P8 bounded", $"due rows are left after all instances stopped and two sweeps: {left}");
        }
    }

    /// <summary>A new page joins each project and edits, so that an engine publishes what dead processes left.</summary>
    private static async Task AddNewPagesAsync(World world)
    {
        foreach (var project in world.Projects)
        {
            var page = new BryntumPage(world, $"p{world.People.Count + 1}", world.NewDice(), project, ClientIdRegime.Login);
            var person = new Person(world, page, world.NewDice());
            world.People.Add(person);
            if (!await person.GetReadyAsync())
            {
                world.Violate("P6 no silence", $"{page.Name} cannot get into {project} of a healthy system");
                continue;
            }

            page.Edit(1, broken: false);
        }

        await Task.Delay(Settle, world.Time);
        foreach (var person in world.People)
        {
            CheckInformed(world, person.Page);
        }
    }

    private static async Task ReconcileAsync(World world)
    {
        for (var round = 0; round < 4; round++)
        {
            await Task.Delay(Reconciliation, world.Time);
            try
            {
                await world.Cluster.Pick()!.ReconcileAsync();
            }
            catch (Exception exception) when (exception is StorageException or GatewayException)
            {
                world.Violate("P8 no surprises", $"reconciliation of a healthy system: {exception.Message}");
            }
        }

        await Task.Delay(Settle, world.Time);
    }

    private static async Task CheckProjectAsync(World world, ProjectId project)
    {
        var log = new ProjectLog(world.Vault, project);
        var head = (await log.ReadHeadAsync(CancellationToken.None))!.Value;
        var account = world.Vault.Ledger.Of(project);
        var number = head.LogStart - 1;
        try
        {
            await foreach (var commit in log.ReadCommitsAsync(head.LogStart - 1, head.Revision, CancellationToken.None))
            {
                number = commit.Last;
            }
        }
        catch (InvalidDataException exception)
        {
            world.Violate("P1 total order", exception.Message);
        }

        if (number != account.Revision)
        {
            world.Violate("P1 total order", $"{project} has {account.Revision} revisions; its log shows {number}");
        }

        if (head.Published != head.Revision)
        {
            world.Violate("P6 no silence", $"{project} at rest: {head.Published} of {head.Revision} published");
        }

        CheckViews(world, project, head.Revision);
        await CheckHistoryAsync(world, project, head);
    }

    /// <summary>P5: the history that is still stored reads as the log says.</summary>
    private static async Task CheckHistoryAsync(World world, ProjectId project, Head head)
    {
        using var loading = world.Cluster.Instances[0].Loading.Open(LoadingKind.Bulk);
        var reader = new HistoryReader(world.Vault, loading);
        var some = world.ServiceDice.Between((int)head.LogStart - 1, (int)head.Revision);
        foreach (var revision in new HashSet<long> { head.LogStart - 1, some, head.Revision })
        {
            var found = await reader.ReadAsync(project, revision, CancellationToken.None);
            var truth = Replay.Fold(world, project, revision);
            if (found is not HistoryResult.Found past || !truth.AsSpan().SequenceEqual(past.Dataset.ToClientJson().Span))
            {
                world.Violate("P5 convergence", $"{project} at {revision} is read as {found}; the log says something else");
            }
        }

        var page = await reader.ListAsync(project, before: null, HistoryReader.PageMax, CancellationToken.None);
        var numbers = page is HistoryResult.Listed listed ? listed.Page.Revisions.Select(static revision => revision.Revision) : [];
        var length = (int)Math.Min(HistoryReader.PageMax, head.Revision - head.LogStart + 1);
        if (!numbers.SequenceEqual(Enumerable.Range(0, length).Select(index => head.Revision - index)))
        {
            world.Violate("P5 convergence", $"the list of {project} from {head.LogStart} to {head.Revision} is not complete");
        }
    }

    /// <summary>P5: every page shows the state that follows from the log.</summary>
    private static void CheckViews(World world, ProjectId project, long revision)
    {
        var replica = Replay.Fold(world, project, revision);
        using var document = JsonDocument.Parse(replica);
        var returned = world.Vault.Ledger.Of(project).Returns.Returned;
        var truth = View.Of(document.RootElement).Show(returned);
        foreach (var page in world.People.Select(static person => person.Page))
        {
            if (page.Project != project || page is not { IsConnected: true, IsLoaded: true, Stopped: null, IsOutOfStep: false })
            {
                continue;
            }

            if (world.Vault.Ledger.Of(project).Access.Now.RoleOf(page.Name) == Role.None)
            {
                world.Violate("P7 isolation", $"{page.Name} on {page.Socket!.Id} is still in {project}, which it may not see");
            }

            if (page.Revision != revision)
            {
                world.Violate("P3 in order", $"{page.Name} on {page.Socket!.Id} shows {project} at {page.Revision} of {revision}");
            }
            else if (page.View.Show(returned) is var shown && shown != truth)
            {
                world.Violate("P5 convergence", $"{page.Name} on {page.Socket!.Id} shows {shown}; the log says {truth}");
            }
        }
    }

    private static void CheckPresence(World world)
    {
        var here = world.People.Where(static person => person.Page is { IsConnected: true, IsLoggedIn: true }).ToList();
        var truth = string.Join(' ', here.Select(static person => person.Page.Name).Order(StringComparer.Ordinal));
        foreach (var page in here.Select(static person => person.Page))
        {
            var shown = string.Join(' ', page.People.Order(StringComparer.Ordinal));
            if (shown != truth)
            {
                world.Violate("presence", $"{page.Name} on {page.Socket!.Id} sees '{shown}'; here are '{truth}'");
            }
        }
    }

    /// <summary>P8: projects never reserved more memory than the budget, except for growth in place, and all of it was released.</summary>
    private static void CheckMemory(World world, Instance instance)
    {
        var budget = instance.Loading.Budget;
        if (budget.Used != 0)
        {
            world.Violate("P8 bounded", $"instance {instance.Number} has stopped, and {budget.Used} bytes are still reserved");
        }

        if (budget.Peak > budget.Limit + GrowthMax)
        {
            world.Violate("P8 bounded", $"projects reserved {budget.Peak} bytes of instance {instance.Number}; the limit is {budget.Limit}");
        }
    }

    /// <summary>P6: a healthy instance stops when asked to.</summary>
    private static async Task CheckDrainAsync(World world)
    {
        foreach (var instance in world.Cluster.Instances)
        {
            var drain = instance.DrainAsync();
            await Task.WhenAny(drain, Task.Delay(Settle, world.Time));
            if (!drain.IsCompleted)
            {
                world.Violate("P6 no silence", $"instance {instance.Number} does not stop when asked to");
            }

            CheckMemory(world, instance);
        }
    }
}
