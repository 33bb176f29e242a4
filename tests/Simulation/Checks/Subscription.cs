using System.Text.Json;
using ServerlessSync.Core.Model;
using ServerlessSync.Simulation.Service;

namespace ServerlessSync.Simulation.Checks;

/// <summary>What the service put on one connection, in order: durable before it is shown, one project at a time, without hole.</summary>
internal sealed class Subscription(World world, Socket socket)
{
    /// <summary>A client is busy this long with revisions; bryntum-protocol 6.1 measured up to 0.7 s, latency to the browser included.</summary>
    private static readonly TimeSpan Busy = TimeSpan.FromMilliseconds(600);

    private readonly HashSet<long> shown = [];
    private ProjectId? project;
    private long last;
    private long dataset;
    private TimeSpan lastChange = TimeSpan.MinValue;
    private TimeSpan? datasetWhileBusy;
    private bool awaitsDataset;

    /// <summary>
    /// The generation of its project's group; null while it has none. Who is taken over while it sends answers before its successor has
    /// sent: that the echo comes is then checked at the end.
    /// </summary>
    public long? Generation => project is { } subscribed ? world.Vault.Ledger.Of(subscribed).Head.Generation : null;

    /// <summary>The last dataset that it was sent of the project that it is in; null when that is another one.</summary>
    public long? DatasetOf(string key) => project is { } subscribed && subscribed.Key == key ? dataset : null;

    /// <summary>How many errors it was sent.</summary>
    public int Errors { get; private set; }

    public void Sent(ReadOnlyMemory<byte> frame)
    {
        using var document = JsonDocument.Parse(frame);
        var root = document.RootElement;
        Errors += root.TryGetProperty("error", out _) ? 1 : 0;
        if (root.TryGetProperty("error", out _) || !root.TryGetProperty("data", out var data))
        {
            return;
        }

        switch (root.GetProperty("command").GetString())
        {
            case "dataset":
                NoteDataset(ReadProject(data), data.GetProperty("revision").GetInt64());
                break;
            case "project_change":
                foreach (var revision in data.GetProperty("revisions").EnumerateArray())
                {
                    NoteRevision(ReadProject(data), revision);
                }

                break;
            default:
                break;
        }
    }

    /// <summary>
    /// When an event is answered, what it became has been published. Whom an owed dataset holds out of the group learns it from that dataset,
    /// and is in the group for the moment in which it is sent.
    /// </summary>
    public void CheckAnswered(EventContext context)
    {
        if (
            project is not { } subscribed
            || !socket.IsOpen
            || world.Service.Members(GroupName.OfSettling(subscribed)).Contains(socket.Id)
            || !world.Service.Members(GroupName.OfProject(subscribed, world.Vault.Ledger.Of(subscribed).Head.Generation)).Contains(socket.Id)
        )
        {
            return;
        }

        var later = world.Vault.Ledger.Of(subscribed).Between(last, long.MaxValue);
        if (later.LastOrDefault(entry => entry.Origin.Connection == socket.Id && entry.Origin.EventId == context.EventId) is { } entry)
        {
            world.Violate("P6 no silence", $"{socket.Id} event {context.EventId} was answered before {entry.Revision} was published");
        }
    }

    /// <summary>At the end nobody may be left who was shown what does not follow and got no dataset after it.</summary>
    public void CheckComplete()
    {
        if (awaitsDataset && socket.IsOpen)
        {
            world.Violate("P3 in order", $"{socket.Id} missed something and got no dataset");
        }
    }

    /// <summary>
    /// A join or heal that broke off half-way leaves its connection in the group, and its event unanswered. What follows may reach the
    /// connection before the event is delivered again and brings the dataset; a client's view is wrong until then.
    /// </summary>
    private void ExpectDataset(ProjectId of, long number)
    {
        world.Figures.Early++;
        awaitsDataset = true;
        world.Trace.Note($"{socket.Id} is shown {of} {number} before its dataset");
        if (!AwaitsDataset(of) || !world.Faults.HasStruck)
        {
            world.Violate("P3 in order", $"{socket.Id} was shown {of} {number} before a dataset and waits for none");
        }
    }

    /// <summary>Whether a dataset must follow, for an event that is open or because it is owed and just being sent.</summary>
    private bool AwaitsDataset(ProjectId of) =>
        socket.IsWaiting || world.Service.Members(GroupName.OfSettling(of)).Contains(socket.Id);

    private static ProjectId ReadProject(JsonElement data) =>
        JsonId.TryRead(data.GetProperty("project"), out var id) ? new ProjectId(id) : default;

    private void NoteDataset(ProjectId of, long revision)
    {
        world.Figures.Datasets++;
        if (world.Vault.Ledger.Of(of).Head.Revision < revision)
        {
            world.Violate("P2 durable first", $"{socket.Id} got the dataset of {of} at {revision}, which is not stored");
        }

        if (!world.Vault.Ledger.Of(of).Access.CouldSeeSince(socket.Owner.Name, revision))
        {
            world.Violate("P7 isolation", $"{socket.Id} got the dataset of {of} at {revision}, and {socket.Owner.Name} may not see it");
        }

        project = of;
        last = dataset = revision;
        shown.Clear();
        awaitsDataset = false;
        datasetWhileBusy = world.Time.Elapsed - Busy < lastChange ? world.Time.Elapsed : null;
    }

    private void NoteRevision(ProjectId of, JsonElement revision)
    {
        var number = revision.GetProperty("revision").GetInt64();
        var account = world.Vault.Ledger.Of(of);
        if (number > account.Revision)
        {
            world.Violate("P2 durable first", $"{socket.Id} was shown {of} {number}, which is not stored");
            return;
        }

        var entry = account.EntryOf(number);
        if (project != of && of == socket.Owner.Project)
        {
            // A first dataset that could not be sent is sent again; what comes in between meets a page that has loaded nothing.
            ExpectDataset(of, number);
            return;
        }

        if (project != of)
        {
            world.Violate("P7 isolation", $"{socket.Id} was shown {of} {number} while it is in {project?.ToString() ?? "none"}");
            return;
        }

        if (!string.Equals(revision.GetProperty("localRevision").GetRawText(), entry.LocalRevision, StringComparison.Ordinal))
        {
            CheckSettled(of, number, revision);
            return;
        }

        if (number > last)
        {
            NoteNext(of, number);
        }
        else if (entry.Session is not null && entry.Session == socket.Owner.Session)
        {
            // A resent revision is answered with what it became; its client knows the number and settles it.
            world.Figures.Repeats++;
        }
        else if (shown.Contains(number))
        {
            CountRepeat(of, number);
        }
        else if (account.IsReplacedBetween(number, last))
        {
            // What a publisher sent and could not record goes out again from there, and the dataset of the reset with it.
            awaitsDataset = true;
            CountRepeat(of, number);
        }
        else
        {
            world.Violate("P3 in order", $"{socket.Id} was shown the old {of} {number}; its dataset is newer");
        }
    }

    /// <summary>A number comes twice only when a publisher died or did not know what became of a send.</summary>
    private void CountRepeat(ProjectId of, long number)
    {
        world.Figures.Repeats++;
        if (!world.Faults.HasStruck)
        {
            world.Violate("P3 in order", $"{socket.Id} was shown {of} {number} twice although nothing has gone wrong");
        }
    }

    /// <summary>
    /// The answer to a resent revision that lies far back goes out under the number of its session's last one, without content, and to
    /// that session alone.
    /// </summary>
    private void CheckSettled(ProjectId of, long number, JsonElement revision)
    {
        var isAnswer =
            socket.Owner.Session is not null
            && number <= last
            && !revision.GetProperty("changes").EnumerateObject().Any();
        if (!isAnswer)
        {
            world.Violate("P3 in order", $"{socket.Id} was shown as {of} {number} what is none: {revision.GetRawText()}");
        }
    }

    private void NoteNext(ProjectId of, long number)
    {
        if (!world.Vault.Ledger.Of(of).Access.CouldSee(socket.Owner.Name, number))
        {
            world.Violate("P7 isolation", $"{socket.Id} was shown {of} {number}, accepted after {socket.Owner.Name} lost its right");
        }

        if (number == last + 1)
        {
            shown.Add(number);
            NoteNew(of, number);
        }
        else if (AwaitsDataset(of))
        {
            ExpectDataset(of, number);
            shown.Add(number);
        }
        else
        {
            world.Violate("P3 in order", $"{socket.Id} was shown {of} {number} after {last}");
        }

        last = number;
    }

    private void NoteNew(ProjectId of, long number)
    {
        lastChange = world.Time.Elapsed;
        if (datasetWhileBusy is { } before && lastChange - before < Busy)
        {
            world.Violate("P3 in order", $"{socket.Id} was shown {of} {number} right after a dataset that met it busy");
            datasetWhileBusy = null;
        }
    }
}
