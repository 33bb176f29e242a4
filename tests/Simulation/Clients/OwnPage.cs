using System.Text.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Simulation.Clients;

/// <summary>
/// A page with our own client (client/sync-client.js). It states its page session and the revision of its dataset, keeps unanswered changes across
/// reconnects, and resends them.
/// </summary>
internal sealed class OwnPage(World world, string name, Dice dice, ProjectId project) : Page(world, name, dice, project)
{
    /// <summary>How long it waits for the dataset after a refusal before it requests one.</summary>
    private static readonly TimeSpan RefusalWait = TimeSpan.FromSeconds(3);

    private readonly List<Change> pending = [];
    private readonly HashSet<string> ownClients = new(StringComparer.Ordinal);
    private string clientId = string.Empty;
    private int nextLocal = 1;
    private readonly Dictionary<ProjectId, int> datasetsAsked = [];
    private bool refused;
    private long datasetRevision;
    private HashSet<Change> pendingBeforeDataset = [];

    public override string? Session { get; } = $"session-{name}";

    private bool AwaitsDataset => datasetsAsked.GetValueOrDefault(Project) > 0;

    public override int Pending => pending.Count;

    public override void Load(ProjectId project)
    {
        if (project != Project)
        {
            // The pending changes belong to the old project.
            pending.Clear();
            Edits.Forget();
        }

        datasetsAsked[project] = datasetsAsked.GetValueOrDefault(project) + 1;
        base.Load(project);
    }

    public override void Edit(int count, bool broken)
    {
        var bad = broken ? Dice.Below(count) : -1;
        for (var index = 0; index < count; index++)
        {
            World.Figures.Submitted++;
            pending.Add(new Change($"local-{nextLocal++}", Edits.Next(View, index == bad)));
        }

        Flush();
    }

    public override void Disconnect(bool breaks = false)
    {
        base.Disconnect(breaks);
        Abandon();
    }

    public override void Closed(Service.Socket socket)
    {
        base.Closed(socket);
        if (socket == Socket)
        {
            pending.ForEach(TellWait);
            Abandon();
        }
    }

    protected override void LoggedIn(string client)
    {
        clientId = $"\"{client}\"";
        ownClients.Add(clientId);
    }

    protected override void Loaded(JsonElement data)
    {
        var asked = AwaitsDataset;
        NoteDataset(Project);
        Revision = datasetRevision = data.GetProperty("revision").GetInt64();
        View = View.Of(data.GetProperty("dataset"));
        if (!asked || refused)
        {
            pending.ToList().ForEach(Settle);
            Edits.Forget();
        }

        refused = false;
        pendingBeforeDataset = [.. pending];
        foreach (var change in pending.ToList())
        {
            change.IsSent = false;
            if (change.AnsweredAt is { } answered && answered <= Revision)
            {
                Settle(change);
            }
        }

        Flush();
    }

    protected override void LoadedOther(ProjectId other) => NoteDataset(other);

    private void NoteDataset(ProjectId from) => datasetsAsked[from] = Math.Max(0, datasetsAsked.GetValueOrDefault(from) - 1);

    protected override void Changed(JsonElement revision)
    {
        var number = revision.GetProperty("revision").GetInt64();
        var local = revision.GetProperty("localRevision").GetString()!;
        var change =
            revision.TryGetProperty("client", out var client) && ownClients.Contains(client.GetRawText())
                ? pending.Find(open => open.Local == local)
                : null;
        if (AwaitsDataset || !IsLoaded)
        {
            if (change is not null)
            {
                change.AnsweredAt = number;
            }

            return;
        }

        if (change is not null)
        {
            World.Figures.Echoed++;
            Settle(change);
        }

        if (number == Revision + 1)
        {
            Revision = number;
            View.Apply(revision.GetProperty("changes"));
        }
        else if (number > Revision)
        {
            Load(Project);
        }
    }

    protected override void Failed(string command, string error)
    {
        if (command == "dataset")
        {
            Refused = error;
            IsLoading = false;
            datasetsAsked.Clear();
        }
        else if (command == "project_change")
        {
            refused = true;
            World.After(RefusalWait, AskAfterRefusal);
            if (error == "Authorization required" || IsShutOut(error))
            {
                IsOutOfStep = true;
                pending.Clear();
            }
        }
        else if (command != "reset" || (MayEdit && !World.HasChangedRightsOf(Name)))
        {
            World.Violate("P6 no silence", $"{Name}: {command} was refused: {error}");
        }

        if (error.StartsWith("Subscription", StringComparison.Ordinal) && !IsShutOut(error))
        {
            World.Violate("P6 no silence", $"{Name} was refused a change although it had loaded: {error}");
        }
    }

    protected override void WasReset() => pending.Where(pendingBeforeDataset.Contains).ToList().ForEach(Settle);

    private void AskAfterRefusal()
    {
        if (refused && IsLoaded && IsConnected)
        {
            Load(Project);
        }
    }

    private void Abandon()
    {
        datasetsAsked.Clear();
        refused = false;
        pending.ForEach(static change => change.IsSent = false);
        pending.ForEach(static change => change.SentAt = null);
    }

    private void TellWait(Change change)
    {
        if (change.SentAt is { } sent)
        {
            Told(sent);
        }
    }

    private void Settle(Change change)
    {
        TellWait(change);
        pending.Remove(change);
    }

    private void Flush()
    {
        var waiting = pending.Where(static change => !change.IsSent).ToList();
        if (waiting.Count == 0 || !IsConnected || !IsLoaded || AwaitsDataset || refused)
        {
            return;
        }

        foreach (var change in waiting)
        {
            change.IsSent = true;
            change.SentAt ??= World.Time.Elapsed;
            World.Stated[(Session!, $"\"{change.Local}\"")] = datasetRevision;
        }

        var revisions = string.Join(
            ',',
            waiting.Select(change => $$"""{"revision":"{{change.Local}}","clientId":{{clientId}},"changes":{{change.Changes}}}""")
        );
        Send(
            $$$"""{"command":"project_change","data":{"project":{{{Project.Id.ToJson()}}},"client":{{{clientId}}},"session":"{{{Session}}}","datasetRevision":{{{datasetRevision}}},"revisions":[{{{revisions}}}]}}"""
        );
    }

    private sealed class Change(string local, string changes)
    {
        public string Local { get; } = local;

        public string Changes { get; } = changes;

        /// <summary>When it was first sent on the current connection.</summary>
        public TimeSpan? SentAt { get; set; }

        public bool IsSent { get; set; }

        public long? AnsweredAt { get; set; }
    }
}
