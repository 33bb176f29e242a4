using System.Text.Json;
using ServerlessSync.Core.Model;
using ServerlessSync.Simulation.Service;

namespace ServerlessSync.Simulation.Checks;

/// <summary>Checks what one connection is sent, in order: durable before it is shown, one project at a time, without a gap.</summary>
internal sealed class Subscription(World world, Socket socket)
{
    /// <summary>How long a client is busy with revisions, at least (docs/protocol-facts.md#a-dataset-to-a-busy-page: up to 0.7 s, including the latency to the browser).</summary>
    private static readonly TimeSpan Busy = TimeSpan.FromMilliseconds(600);

    private readonly HashSet<long> shown = [];
    private ProjectId? project;
    private long last;
    private long dataset;
    private TimeSpan lastChange = TimeSpan.MinValue;
    private TimeSpan? datasetWhileBusy;
    private bool awaitsDataset;

    /// <summary>
    /// The generation of its project's group; null while it has none. An engine that loses the lease while it sends answers before its successor has
    /// sent, so the echo is then checked at the end.
    /// </summary>
    public long? Generation => project is { } subscribed ? world.Vault.Ledger.Of(subscribed).Head.Generation : null;

    /// <summary>The revision of the last dataset that it was sent of a project; null when it is in another one.</summary>
    public long? DatasetOf(string key) => project is { } subscribed && subscribed.Key == key ? dataset : null;

    /// <summary>The number of errors that it was sent.</summary>
    public int Errors { get; private set; }

    public void Sent(ReadOnlyMemory<byte> frame)
    {
        using var document = JsonDocument.Parse(frame);
        var root = document.RootElement;
        var command = root.GetProperty("command").GetString();
        if (root.TryGetProperty("error", out _))
        {
            Errors++;
            // A page that has loaded nothing yet has nothing wrong to show when it learns that it may not.
            awaitsDataset &= project is not null || command is not "dataset";
            return;
        }

        if (!root.TryGetProperty("data", out var data))
        {
            return;
        }

        switch (command)
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
    /// P6: a revision is published before its event is answered. A connection that is owed a dataset is out of the group, learns the result from that
    /// dataset, and is in the group only while it is sent.
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

        // A restore from an archive closes the connection instead: revisions before its anchor are no longer part of the project.
        var account = world.Vault.Ledger.Of(subscribed);
        var later = account.Between(Math.Max(last, account.Periods[^1].Anchor), long.MaxValue);
        if (later.LastOrDefault(entry => entry.Origin.Connection == socket.Id && entry.Origin.EventId == context.EventId) is { } entry)
        {
            world.Violate("P6 no silence", $"{socket.Id} event {context.EventId} was answered before {entry.Revision} was published");
        }
    }

    /// <summary>At the end every connection that was sent a revision out of sequence has received a dataset since.</summary>
    public void CheckComplete()
    {
        if (awaitsDataset && socket.IsOpen)
        {
            world.Violate("P3 in order", $"{socket.Id} missed a revision and got no dataset");
        }
    }

    /// <summary>
    /// A join or resync that failed halfway leaves its connection in the group, and its event unanswered. Later revisions may reach the
    /// connection before the redelivered event brings the dataset. The client's view is wrong until then.
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

    /// <summary>Whether a dataset must follow, because an event is open or an owed dataset is being sent.</summary>
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
            // The send of a first dataset failed and is repeated. The page has loaded nothing, so revisions in between do no harm.
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
            // The answer to a resent revision carries the number that it was accepted under, and its client settles it.
            world.Figures.Repeats++;
        }
        else if (shown.Contains(number))
        {
            CountRepeat(of, number);
        }
        else if (account.IsReplacedBetween(number, last))
        {
            // A publisher could not record what it sent, so its successor sends it again, together with the dataset of the reset.
            awaitsDataset = true;
            CountRepeat(of, number);
        }
        else
        {
            world.Violate("P3 in order", $"{socket.Id} was shown the old {of} {number}; its dataset is newer");
        }
    }

    /// <summary>A number repeats only after a publisher died or did not learn the outcome of a send.</summary>
    private void CountRepeat(ProjectId of, long number)
    {
        world.Figures.Repeats++;
        if (!world.Faults.HasStruck)
        {
            world.Violate("P3 in order", $"{socket.Id} was shown {of} {number} twice without a fault");
        }
    }

    /// <summary>
    /// The answer to an old resent revision carries the number of its session's last one, has no content, and goes to that session
    /// only.
    /// </summary>
    private void CheckSettled(ProjectId of, long number, JsonElement revision)
    {
        var isAnswer =
            socket.Owner.Session is not null
            && number <= last
            && !revision.GetProperty("changes").EnumerateObject().Any();
        if (!isAnswer)
        {
            world.Violate("P3 in order", $"{socket.Id} was shown as {of} {number} what is no such revision: {revision.GetRawText()}");
        }
    }

    private void NoteNext(ProjectId of, long number)
    {
        if (!world.Vault.Ledger.Of(of).Access.CouldSee(socket.Owner.Name, number))
        {
            world.Violate("P7 isolation", $"{socket.Id} was shown {of} {number}, accepted after {socket.Owner.Name} lost access");
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
            world.Violate("P3 in order", $"{socket.Id} was shown {of} {number} right after a dataset that it got while busy");
            datasetWhileBusy = null;
        }
    }
}
