using ServerlessSync.Core.Model;

namespace ServerlessSync.Simulation.Clients;

/// <summary>A user at a page, who does one thing at a time.</summary>
internal sealed class Person(World world, Page page, Dice dice)
{
    /// <summary>How long the user waits for a login or a dataset before trying again: longer than any recovery.</summary>
    private static readonly TimeSpan PatienceMax = TimeSpan.FromSeconds(60);

    /// <summary>A client that stopped must get a dataset within this time.</summary>
    private static readonly TimeSpan DatasetMax = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(25);

    public Page Page => page;

    /// <summary>Whether the user may see a project. Outsiders try to load it all the same.</summary>
    public Func<ProjectId, bool> MaySee { get; init; } = static _ => true;

    public async Task LiveAsync(int steps)
    {
        await PauseAsync();
        for (var step = 0; step < steps; step++)
        {
            if (await GetReadyAsync())
            {
                await ActAsync();
            }

            await PauseAsync();
        }

        if (world.Scenario.GoesHome)
        {
            // Shorter or longer than the service redelivers the last event.
            await Task.Delay(dice.Between(TimeSpan.Zero, TimeSpan.FromSeconds(20)), world.Time);
            page.Disconnect(breaks: dice.Chance(0.5));
            return;
        }

        // Not while a dataset is on its way: the application masks the page until it arrives.
        if (await GetReadyAsync())
        {
            (page as BryntumPage)?.Resume();
        }
    }

    /// <summary>Connects, logs in and loads, as far as needed. False when this failed.</summary>
    public async Task<bool> GetReadyAsync()
    {
        if (page.Stopped is { } reason)
        {
            if (world.Time.Elapsed - page.StoppedAt < DatasetMax && page.IsConnected)
            {
                return false;
            }

            if (page.IsConnected)
            {
                world.Violate("P6 no silence", $"{page.Name} on {page.Socket!.Id} stopped for good {reason}");
            }
        }

        if (page.Stopped is not null || page.IsOutOfStep)
        {
            (page as BryntumPage)?.Reload();
            page.Disconnect();
        }

        if (!page.IsConnected)
        {
            page.Connect();
            page.Login();
        }

        if (!await WaitAsync(() => page.IsLoggedIn || !page.IsConnected))
        {
            page.Disconnect();
            return false;
        }

        if (page is { IsConnected: true, IsLoaded: false, IsLoading: false })
        {
            page.Load(page.Project);
        }

        if (!await WaitAsync(() => !page.IsLoading || !page.IsConnected))
        {
            page.Disconnect();
            return false;
        }

        CheckAdmission();
        return page is { IsConnected: true, IsLoaded: true };
    }

    private void CheckAdmission()
    {
        if (world.Vault.Ledger.Of(page.Project).Access.Concerned(page.Name))
        {
            // Rights have changed; P7 is checked on what the connection is sent (Subscription).
            return;
        }

        if (page.Refused is { } refusal && MaySee(page.Project))
        {
            world.Violate("P6 no silence", $"{page.Name} was refused {page.Project}: {refusal}");
        }
        else if (page.IsLoaded && !MaySee(page.Project))
        {
            world.Violate("P7 isolation", $"{page.Name} got a dataset of {page.Project}, which it may not see");
        }
    }

    private async Task ActAsync()
    {
        if (world.Faults.IsStormy && dice.Chance(0.3))
        {
            await ActImpatientlyAsync();
            return;
        }

        if (Slips())
        {
            page.Edit(dice.Between(1, 4), broken: true);
            return;
        }

        switch (dice.Below(42))
        {
            case 0:
                page.Disconnect();
                break;
            case 1 or 16:
                page.Reset();
                break;
            case 2:
                page.Load(page.Project);
                break;
            case 3:
                page.Load(dice.Pick(world.Projects));
                break;
            case 4 when page is BryntumPage bryntum:
                bryntum.Reload();
                break;
            case 5 or 6 when page is BryntumPage bryntum:
                bryntum.Suspend();
                bryntum.Edit(dice.Between(1, 4), broken: false);
                break;
            case 7:
                page.Logout();
                break;
            case 9 or 10:
                page.Edit(dice.Between(2, 5), broken: false);
                break;
            case 11 or 12 or 13 when page is BryntumPage bryntum:
                bryntum.Resume();
                break;
            case 14 or 15:
                await EditAndBreakAsync();
                break;
            default:
                page.Edit(1, broken: false);
                break;
        }
    }

    /// <summary>Acts like a user whose page hangs.</summary>
    private async Task ActImpatientlyAsync()
    {
        if (dice.Chance(0.5))
        {
            await EditAndBreakAsync();
        }
        else if (page is BryntumPage bryntum)
        {
            bryntum.Reload();
        }
        else
        {
            page.Disconnect();
        }
    }

    /// <summary>Edits, and loses the network before the answer arrives.</summary>
    private async Task EditAndBreakAsync()
    {
        page.Edit(dice.Between(1, 3), broken: Slips());
        await Task.Delay(dice.Between(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(150)), world.Time);
        page.Disconnect(breaks: true);
    }

    /// <summary>Whether the next change is malformed.</summary>
    private bool Slips() => dice.Below(100) < world.Scenario.Broken;

    private Task PauseAsync() =>
        Task.Delay(dice.Between(TimeSpan.FromMilliseconds(1), world.Scenario.ThinkMax), world.Time);

    private async Task<bool> WaitAsync(Func<bool> condition)
    {
        for (var waited = TimeSpan.Zero; waited < PatienceMax; waited += Glance)
        {
            if (condition())
            {
                return true;
            }

            await Task.Delay(Glance, world.Time);
        }

        return false;
    }
}
