using System.Text.Json;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Simulation.Clients;

/// <summary>How a page gets its client id (docs/protocol-facts.md#client-ids).</summary>
internal enum ClientIdRegime
{
    /// <summary>The id in the answer to its login.</summary>
    Login,

    /// <summary>An id of the application, which outlives connections and reloads.</summary>
    Uuid,

    /// <summary>No id.</summary>
    None,
}

/// <summary>
/// A page with Bryntum's client. Its own revision must come back as the oldest pending one, or the client never sends again
/// (docs/protocol-facts.md#what-stops-a-client-until-it-loads, #applying-revisions). It resends nothing, and a dataset replaces all its state.
/// </summary>
internal sealed class BryntumPage(World world, string name, Dice dice, ProjectId project, ClientIdRegime regime)
    : Page(world, name, dice, project)
{
    private readonly HashSet<long> history = [];
    private readonly List<(string Local, TimeSpan Sent)> pending = [];
    private readonly List<string> suspended = [];
    private readonly Dictionary<string, TimeSpan> sentAt = new(StringComparer.Ordinal);
    private string? clientId = regime == ClientIdRegime.Uuid ? $"\"uuid-{name}\"" : null;
    private TimeSpan loadedAt;
    private TimeSpan? refusedSince;
    private TimeSpan takenBefore;
    private int nextLocal;
    private bool isSuspended;

    public override int Pending => pending.Count;

    /// <summary>When a change was refused with the promise of a dataset; null once the dataset has arrived.</summary>
    public TimeSpan? OwedSince { get; private set; }

    public override void Load(ProjectId project)
    {
        refusedSince = null;
        base.Load(project);
    }

    public void Suspend() => isSuspended = true;

    /// <summary>Sends the edits that accumulated while sending was suspended.</summary>
    public void Resume()
    {
        isSuspended = false;
        Flush();
    }

    public override void Edit(int count, bool broken)
    {
        var bad = broken ? Dice.Below(count) : -1;
        for (var index = 0; index < count; index++)
        {
            suspended.Add(Edits.Next(View, index == bad));
        }

        if (!isSuspended)
        {
            Flush();
        }
    }

    /// <summary>Reloads the page: only an id of the application survives.</summary>
    public void Reload()
    {
        Disconnect();
        nextLocal = 0;
        pending.Clear();
        suspended.Clear();
        history.Clear();
        Edits.Forget();
        isSuspended = false;
        Stopped = null;
    }

    public override void Closed(Service.Socket socket)
    {
        base.Closed(socket);
        if (socket == Socket)
        {
            pending.ForEach(change => Told(change.Sent));
            refusedSince = OwedSince = null;
        }
    }

    protected override void WasReset() => refusedSince = null;

    protected override void LoggedIn(string client)
    {
        if (regime == ClientIdRegime.Login)
        {
            clientId = $"\"{client}\"";
        }
    }

    protected override void Loaded(JsonElement data)
    {
        foreach (var (_, sent) in pending)
        {
            Told(sent);
        }

        IsOutOfStep = false;
        Stopped = null;
        OwedSince = null;
        loadedAt = World.Time.Elapsed;
        pending.Clear();
        // The application discards the revisions that it held back; they would stop the client (docs/protocol-facts.md#a-dataset-to-a-busy-page).
        suspended.Clear();
        Edits.Forget();
        history.Clear();
        Revision = data.GetProperty("revision").GetInt64();
        View = View.Of(data.GetProperty("dataset"));
    }

    protected override void Changed(JsonElement revision)
    {
        var number = revision.GetProperty("revision").GetInt64();
        if (!IsLoaded || Stopped is not null || !history.Add(number))
        {
            return;
        }

        Revision = number;
        View.Apply(revision.GetProperty("changes"));
        var stated = revision.TryGetProperty("client", out var client) ? client.GetRawText() : null;
        var isMine = World.Vault.Ledger.Of(Project).EntryOf(number).Origin.Connection == Socket!.Id;
        if (stated == clientId)
        {
            Commit(revision.GetProperty("localRevision").GetString()!, number, isMine);
        }
        else if (isMine)
        {
            Stop(number, $"its own revision came back for client {stated ?? "none"}");
        }
    }

    protected override void Failed(string command, string error)
    {
        switch (command)
        {
            case "project_change" when error == "Authorization required" || IsShutOut(error):
                pending.Clear();
                IsOutOfStep = true;
                break;
            case "project_change" when error == Refusals.BeforeDataset:
                NoteRefusal();
                break;
            case "project_change":
                break;
            case "dataset":
                IsLoading = false;
                Refused = error;
                break;
            case "reset" when !MayEdit || World.HasChangedRightsOf(Name):
                break;
            default:
                World.Violate("P6 no silence", $"{Name}: {command} was refused: {error}");
                break;
        }

        if (command == "project_change" && error.StartsWith("Subscription", StringComparison.Ordinal) && !IsShutOut(error))
        {
            World.Violate("P6 no silence", $"{Name} was refused a change although it had loaded: {error}");
        }
    }

    private void Commit(string local, long number, bool isMine)
    {
        var place = pending.FindIndex(open => open.Local == local);
        if (!isMine)
        {
            // A late event of the last connection under the id that the page kept. Its local id may equal a pending one.
            World.Figures.Tolerated++;
            IsOutOfStep = true;
        }
        else if (place == 0)
        {
            Told(pending[0].Sent);
            refusedSince = null;
            World.Figures.Echoed++;
            pending.RemoveAt(0);
        }
        else if (place > 0)
        {
            Stop(number, $"{local} came back before {pending[0].Local}");
        }
        else if (IsHeldUp(number, local))
        {
            // Delayed beyond the window or by a standstill, or a redelivery whose first delivery had no visible effect (decision 0006).
            World.Figures.Tolerated++;
            IsOutOfStep = true;
        }
        else
        {
            Stop(number, $"{local} came back and is not known");
        }
    }

    /// <summary>P6: edits are refused only for a limited time before one is accepted or the socket is closed.</summary>
    private void NoteRefusal()
    {
        var now = World.Time.Elapsed;
        OwedSince = now;
        if (refusedSince is null || refusedSince < World.Vault.Ledger.Of(Project).TimeOfLastReset)
        {
            // Each further reset begins a new window, even for a page that awaits a dataset and is not sent the reset.
            (refusedSince, takenBefore) = (now, World.Faults.TimeTaken);
        }

        World.Figures.Refused++;
        var faults = World.Faults.HasStruck ? Service.Socket.TurnMax + World.Faults.TimeTaken - takenBefore : TimeSpan.Zero;
        if (now - refusedSince > World.Scenario.Options.Window.Max + faults)
        {
            World.Violate("P6 no silence", $"{Name} on {Socket!.Id} has been refused for {(now - refusedSince.Value).TotalSeconds:F1} s");
        }
    }

    /// <summary>Whether a change that a dataset discarded was accepted late, or through a redelivery.</summary>
    private bool IsHeldUp(long number, string local)
    {
        var account = World.Vault.Ledger.Of(Project);
        var accepted = account.TimeOf(number);
        var reset = account.Entries.LastOrDefault(entry => entry.Revision <= number && entry.ReplacesAll);
        if (sentAt[local] >= loadedAt)
        {
            return false;
        }

        var origin = account.EntryOf(number).Origin;
        var isLateRedelivery = World.Faults.HasStruck && Socket!.IsRedelivered(origin.EventId) && accepted - sentAt[local] > TimeSpan.FromSeconds(1);
        if (isLateRedelivery || Socket!.MetStandstill(origin.EventId))
        {
            return true;
        }

        var begun = reset is null ? sentAt[local] : TimeSpan.FromTicks(Math.Min(sentAt[local].Ticks, account.TimeOf(reset.Revision).Ticks));
        return accepted - begun > World.Scenario.Options.Window.Length - TimeSpan.FromMilliseconds(500);
    }

    private void Stop(long number, string reason)
    {
        World.Trace.Note($"{Name} on {Socket!.Id} stops at {number}: {reason}");
        World.Figures.Stumbles++;
        Stopped = $"at {number}: {reason}";
        StoppedAt = World.Time.Elapsed;
    }

    private void Flush()
    {
        if (suspended.Count == 0 || Stopped is not null)
        {
            return;
        }

        var stated = clientId is null ? string.Empty : $",\"clientId\":{clientId}";
        var revisions = new List<string>();
        foreach (var changes in suspended)
        {
            var local = $"local-{++nextLocal}";
            pending.Add((local, World.Time.Elapsed));
            sentAt[local] = World.Time.Elapsed;
            revisions.Add($$"""{"revision":"{{local}}"{{stated}},"changes":{{changes}}}""");
            World.Figures.Submitted++;
        }

        suspended.Clear();
        var sender = clientId is null ? string.Empty : $",\"client\":{clientId}";
        Send(
            $$$"""{"command":"project_change","data":{"project":{{{Project.Id.ToJson()}}}{{{sender}}},"revisions":[{{{string.Join(',', revisions)}}}]}}"""
        );
    }
}
