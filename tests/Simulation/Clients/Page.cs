using System.Text;
using System.Text.Json;
using ServerlessSync.Core.Model;
using ServerlessSync.Simulation.Service;

namespace ServerlessSync.Simulation.Clients;

/// <summary>A page in a browser: the common part of all kinds of client.</summary>
internal abstract class Page : ISocketOwner
{
    private TimeSpan connectedAt;
    private bool knowsEnd;

    protected Page(World world, string name, Dice dice, ProjectId project)
    {
        World = world;
        Name = name;
        Dice = dice;
        Project = project;
        Edits = new Edits(dice, name);
    }

    public string Name { get; }

    public ProjectId Project { get; protected set; }

    public virtual string? Session => null;

    public Socket? Socket { get; private set; }

    public bool IsConnected => Socket is { IsOpen: true, IsAbandoned: false };

    public bool IsLoggedIn { get; private set; }

    public bool IsLoaded { get; protected set; }

    /// <summary>Whether a requested dataset has not arrived yet.</summary>
    public bool IsLoading { get; protected set; }

    /// <summary>Why its client stopped; null while it works. Only a dataset restarts it (docs/protocol-facts.md#what-stops-a-client-until-it-loads).</summary>
    public string? Stopped { get; protected set; }

    public TimeSpan StoppedAt { get; protected set; }

    /// <summary>The error with which it was refused a dataset; null for none.</summary>
    public string? Refused { get; protected set; }

    /// <summary>Whether it must log in and load again to be in step.</summary>
    public bool IsOutOfStep { get; protected set; }

    public View View { get; protected set; } = new();

    public long Revision { get; protected set; }

    /// <summary>The names in the last list of people.</summary>
    public IReadOnlyList<string> People { get; private set; } = [];

    /// <summary>Whether its user may edit. When false, refusals of changes are correct.</summary>
    public bool MayEdit { get; init; } = true;

    public abstract int Pending { get; }

    protected World World { get; }

    protected Dice Dice { get; }

    protected Edits Edits { get; }

    public void Connect()
    {
        if (Socket is { } before && !knowsEnd)
        {
            // A browser reports the end of the last connection before it opens a new one.
            Closed(before);
        }

        knowsEnd = false;
        connectedAt = World.Time.Elapsed;
        IsLoggedIn = IsLoaded = IsLoading = IsOutOfStep = false;
        Refused = null;
        Socket = World.Service.Connect(this);
    }

    public void Login() => Send($$$"""{"command":"login","data":{"login":"{{{Name}}}","password":""}}""");

    public virtual void Load(ProjectId project)
    {
        IsLoaded &= Project == project;
        Project = project;
        IsLoading = true;
        Refused = null;
        Send($$$"""{"command":"dataset","data":{"project":{{{project.Id.ToJson()}}}}}""");
    }

    public virtual void Reset() => Send($$$"""{"command":"reset","data":{"project":{{{Project.Id.ToJson()}}}}}""");

    public void Logout() => Send("""{"command":"logout","data":{}}""");

    public virtual void Disconnect(bool breaks = false)
    {
        World.Trace.Note($"{Name} leaves {Socket?.Id.Value ?? "nothing"}");
        knowsEnd = true;
        IsLoaded = IsLoading = IsLoggedIn = false;
        Socket?.Leave(breaks);
    }

    /// <summary>Makes edits that are sent in one message.</summary>
    public abstract void Edit(int count, bool broken);

    public void Received(Socket socket, ReadOnlyMemory<byte> frame)
    {
        if (socket != Socket)
        {
            return;
        }

        using var document = JsonDocument.Parse(frame);
        var root = document.RootElement;
        var command = root.GetProperty("command").GetString()!;
        if (root.TryGetProperty("error", out var error))
        {
            Failed(command, error.GetString()!);
            return;
        }

        var data = root.GetProperty("data");
        switch (command)
        {
            case "login":
                IsLoggedIn = true;
                LoggedIn(data.GetProperty("client").GetString()!);
                break;
            case "users":
                People = [.. data.GetProperty("users").EnumerateArray().Select(static user => user.GetString()!)];
                break;
            case "dataset" when IsOurs(data):
                IsLoading = false;
                IsLoaded = true;
                Loaded(data);
                break;
            case "dataset" when JsonId.TryRead(data.GetProperty("project"), out var id):
                LoadedOther(new ProjectId(id));
                break;
            case "project_change" when IsOurs(data):
                foreach (var revision in data.GetProperty("revisions").EnumerateArray())
                {
                    Changed(revision);
                }

                break;
            case "reset" when IsOurs(data):
                WasReset();
                break;
            default:
                break;
        }
    }

    public virtual void Closed(Socket socket)
    {
        if (socket == Socket)
        {
            knowsEnd = true;
            IsLoaded = IsLoading = IsLoggedIn = false;
        }
    }

    public void Answered(Socket socket, long eventId) { }

    protected long Send(string frame)
    {
        World.Trace.Note($"{Name} on {Socket!.Id} sends {frame}");
        return Socket!.Send(Encoding.UTF8.GetBytes(frame));
    }

    protected abstract void LoggedIn(string client);

    protected abstract void Loaded(JsonElement data);

    /// <summary>Called for the dataset of a project that it has left.</summary>
    protected virtual void LoadedOther(ProjectId other) { }

    protected abstract void Changed(JsonElement revision);

    protected abstract void Failed(string command, string error);

    protected virtual void WasReset() { }

    /// <summary>
    /// Notes that the page learned the outcome of a change that it sent at a time: an echo, an error, a dataset or the end of the connection. A page that
    /// disconnected by itself waits for nothing.
    /// </summary>
    protected void Told(TimeSpan sent)
    {
        if (sent < connectedAt)
        {
            return;
        }

        World.Figures.NoteWait(World.Time.Elapsed - sent);
    }

    /// <summary>
    /// Whether it was refused because its rights changed. It is then no subscriber any more: datasets and changes are refused until its socket is
    /// closed.
    /// </summary>
    protected bool IsShutOut(string error) =>
        error.StartsWith("Subscription", StringComparison.Ordinal) && World.HasChangedRightsOf(Name);

    private bool IsOurs(JsonElement data) =>
        JsonId.TryRead(data.GetProperty("project"), out var id) && new ProjectId(id) == Project;
}
