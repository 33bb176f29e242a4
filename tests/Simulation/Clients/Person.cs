using ServerlessSync.Core.Model;

namespace ServerlessSync.Simulation.Clients;

/// <summary>Somebody at a page, who does one thing after the other.</summary>
internal sealed class Person(World world, Page page, Dice dice)
{
    /// <summary>How long somebody waits for a login or a dataset before trying anew: longer than any recovery.</summary>
    private static readonly TimeSpan PatienceMax = TimeSpan.FromSeconds(60);

    /// <summary>Within this time a client that was stopped gets the dataset that lets it go on.</summary>
    private static readonly TimeSpan DatasetMax = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(25);

    public Page Page => page;

    /// <summary>Whether it may see the project that it is in; outsiders try all the same.</summary>
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
            // Sooner or later than the service gives up redelivering what was done last.
            await Task.Delay(dice.Between(TimeSpan.Zero, TimeSpan.FromSeconds(20)), world.Time);
            page.Disconnect(breaks: dice.Chance(0.5));
            return;
        }

        // Held back while a dataset is on its way: the page is covered until it comes.
        if (await GetReadyAsync())
        {
            (page as BryntumPage)?.Resume();
        }
    }

    /// <summary>Connects, logs in and loads, as far as that is not done. False when it did not work out this time.</summary>
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
            // Whether it was refused rightly shows in what it is sent.
            return;
        }

        if (page.Refused is { } refusal && MaySee(page.Project))
        {
            world.Violate("P6 no silence", $"{page.Name} was refused {page.Project}: {refusal}");
        }
        else if (page.IsLoaded && !MaySee(page.Project))
        {
            world.Violate("P7 isolation", $"{page.Name} was let into {page.Project}");
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

    /// <summary>What a user does to a page that hangs.</summary>
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

    /// <summary>The line breaks down while something is under way.</summary>
    private async Task EditAndBreakAsync()
    {
        page.Edit(dice.Between(1, 3), broken: Slips());
        await Task.Delay(dice.Between(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(150)), world.Time);
        page.Disconnect(breaks: true);
    }

    /// <summary>Whether what is done now comes out malformed.</summary>
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
