using System.Text;
using System.Text.Json;
using ServerlessSync.Core.Model;
using ServerlessSync.Simulation.Service;

namespace ServerlessSync.Simulation.Clients;

/// <summary>A page in a browser: what all kinds of client have in common.</summary>
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

    /// <summary>A dataset was asked for and has not come.</summary>
    public bool IsLoading { get; protected set; }

    /// <summary>Why its client sends nothing any more; null while it works. Only a dataset helps (bryntum-protocol.md 4.1).</summary>
    public string? Stopped { get; protected set; }

    public TimeSpan StoppedAt { get; protected set; }

    /// <summary>What it was refused at the door; null when it was let in.</summary>
    public string? Refused { get; protected set; }

    /// <summary>Whether it must log in and load anew to be in step.</summary>
    public bool IsOutOfStep { get; protected set; }

    public View View { get; protected set; } = new();

    public long Revision { get; protected set; }

    /// <summary>The names in the last list of people.</summary>
    public IReadOnlyList<string> People { get; private set; } = [];

    /// <summary>Whether a refusal to change anything is right.</summary>
    public bool MayEdit { get; init; } = true;

    public abstract int Pending { get; }

    protected World World { get; }

    protected Dice Dice { get; }

    protected Edits Edits { get; }

    public void Connect()
    {
        if (Socket is { } before && !knowsEnd)
        {
            // The end of the connection before is on its way; a browser tells it before a new one begins.
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

    /// <summary>Makes some edits that go out in one message.</summary>
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

    /// <summary>The dataset of a project that it is no longer in.</summary>
    protected virtual void LoadedOther(ProjectId other) { }

    protected abstract void Changed(JsonElement revision);

    protected abstract void Failed(string command, string error);

    protected virtual void WasReset() { }

    /// <summary>
    /// It knows what became of something that it sent at a time: an echo, an error, a dataset or the end of the connection. Who has left
    /// of its own accord waits for nothing.
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
    /// Whether its right was taken: a dataset that it asked for again is refused then, and what it sends before its socket is closed is no
    /// subscriber's any more.
    /// </summary>
    protected bool IsShutOut(string error) =>
        error.StartsWith("Subscription", StringComparison.Ordinal) && World.HasChangedRightsOf(Name);

    private bool IsOurs(JsonElement data) =>
        JsonId.TryRead(data.GetProperty("project"), out var id) && new ProjectId(id) == Project;
}
