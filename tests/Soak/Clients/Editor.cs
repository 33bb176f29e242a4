using System.Net.WebSockets;
using System.Text.Json;
using ServerlessSync.Soak.Checks;

namespace ServerlessSync.Soak.Clients;

/// <summary>
/// A page that edits and recovers from lost connections as our own client does: it connects, loads, and resends
/// unacknowledged edits under the same session. It checks everything that it receives.
/// </summary>
internal sealed class Editor : IDisposable
{
    /// <summary>The tasks that are renamed: few, so that editors collide.</summary>
    private const int TasksMax = 6;

    /// <summary>Consecutive attempts to connect; at <see cref="ConnectPause"/> about two minutes.</summary>
    private const int ConnectsMax = 250;

    private static readonly TimeSpan ConnectPause = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// An event is delivered up to four times within 9 s, and a lease lasts 5 s: a minute of silence is too long.
    /// </summary>
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(60);

    private readonly Crowd crowd;
    private readonly Random random;
    private readonly string name;
    private readonly List<Edit> pending = [];
    private readonly List<long> accepted = [];
    private string[] tasks = [];
    private Connection? connection;
    private Connection? loadedOn;
    private long datasetRevision;
    private int made;

    public Editor(Crowd crowd, string name, int seed)
    {
        this.crowd = crowd;
        this.name = name;
        Session = $"page of {name}";
        random = new Random(seed);
    }

    /// <summary>Identifies this page in the log; also its client id.</summary>
    public string Session { get; }

    /// <summary>The last revision in <see cref="View"/>.</summary>
    public long Revision { get; private set; }

    public View View { get; private set; } = new();

    /// <summary>The revision of each edit, starting with edit 1; 0 for an unacknowledged one.</summary>
    public IReadOnlyList<long> Accepted => accepted;

    /// <summary>Edits until <see cref="Crowd.TryClaim"/> ends the run and everything is acknowledged.</summary>
    public Task EditAsync(CancellationToken cancellationToken) => RunAsync(EditOnceConnectedAsync, cancellationToken);

    /// <summary>Reads until a revision has arrived.</summary>
    public Task FollowAsync(long upTo, CancellationToken cancellationToken) =>
        RunAsync(
            async token =>
            {
                while (Revision < upTo)
                {
                    await TakeNextAsync(token);
                }
            },
            cancellationToken
        );

    public void Dispose() => connection?.Dispose();

    private async Task RunAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (connection is null)
                {
                    await ConnectAsync(cancellationToken);
                }

                await work(cancellationToken);
                return;
            }
            catch (WebSocketException)
            {
                crowd.NoteLoss();
                connection?.Dispose();
                connection = null;
            }
        }
    }

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                connection = await Connection.OpenAsync(crowd.Url, cancellationToken);
                await connection.SendAsync(Say.Login(name), cancellationToken);
                await connection.SendAsync(Say.Dataset(crowd.Project), cancellationToken);
                while (await TakeNextAsync(cancellationToken) is not "dataset")
                {
                    // Presence messages, and the response to login.
                }

                tasks = [.. View.Tasks.Take(TasksMax)];
                return;
            }
            catch (WebSocketException) when (attempt < ConnectsMax)
            {
                connection?.Dispose();
                connection = null;
                await Task.Delay(ConnectPause, crowd.Time, cancellationToken);
            }
        }
    }

    private async Task EditOnceConnectedAsync(CancellationToken cancellationToken)
    {
        await SendAgainAsync(cancellationToken);
        while (true)
        {
            await SendNewAsync(cancellationToken);

            if (pending.Count == 0)
            {
                return;
            }

            if (crowd.IsCut(random))
            {
                throw new WebSocketException("The network is gone.");
            }

            await TakeNextAsync(cancellationToken);
        }
    }

#pragma warning disable CA5394 // Repeatable on purpose; nothing is kept secret by it.
    private Edit MakeEdit()
    {
        made++;
        return new Edit(made, tasks[random.Next(tasks.Length)], $"{name} {made}", crowd.Time.GetTimestamp());
    }
#pragma warning restore CA5394

    private Task SendAsync(IEnumerable<Edit> edits, CancellationToken cancellationToken) =>
        connection!.SendAsync(Say.Change(crowd.Project, Session, datasetRevision, edits), cancellationToken);

    /// <summary>Sends all edits that may be made now in one message, as a page sends its edits since the last one.</summary>
    private async Task SendNewAsync(CancellationToken cancellationToken)
    {
        var edits = new List<Edit>();
        while (pending.Count < crowd.Window && crowd.TryClaim())
        {
            edits.Add(MakeEdit());
            pending.Add(edits[^1]);
            accepted.Add(0);
        }

        if (edits.Count > 0)
        {
            await SendAsync(edits, cancellationToken);
        }
    }

    private async Task SendAgainAsync(CancellationToken cancellationToken)
    {
        if (pending.Count > 0)
        {
            await SendAsync(pending, cancellationToken);
        }
    }

    /// <summary>Processes one message; returns its command.</summary>
    private async Task<string> TakeNextAsync(CancellationToken cancellationToken)
    {
        var frame = await NextAsync(cancellationToken);
        var command = frame.GetProperty("command").GetString()!;
        if (frame.TryGetProperty("error", out _))
        {
            crowd.Findings.Add(Finding.Refused, $"{name} got {frame.GetRawText()}");
            throw new WebSocketException("Refused; load again.");
        }

        switch (command)
        {
            case "dataset":
                var isAsked = Load(frame.GetProperty("data"));
                if (!isAsked)
                {
                    await SendAgainAsync(cancellationToken);
                }

                break;
            case "project_change":
                foreach (var revision in frame.GetProperty("data").GetProperty("revisions").EnumerateArray())
                {
                    Take(revision);
                }

                break;
            default:
                break;
        }

        return command;
    }

    private async Task<JsonElement> NextAsync(CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(SilenceMax, crowd.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            return await connection!.NextAsync(either.Token) ?? throw new WebSocketException("The server closed the connection.");
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            crowd.Findings.Add(Finding.Silent, $"{name} heard nothing for {SilenceMax}, with {pending.Count} edits on their way");
            throw new WebSocketException("Silence.", exception);
        }
    }

    /// <summary>Returns whether the dataset is the first on its connection.</summary>
    private bool Load(JsonElement data)
    {
        var revision = data.GetProperty("revision").GetInt64();
        if (revision < Revision)
        {
            crowd.Findings.Add(Finding.OutOfOrder, $"{name} stood at {Revision} and got the dataset at {revision}");
        }

        var isFirst = !ReferenceEquals(loadedOn, connection);
        loadedOn = connection;
        Revision = datasetRevision = revision;
        View = View.Of(data.GetProperty("dataset"));
        crowd.NoteDataset(revision, View, name);
        return isFirst;
    }

    private void Take(JsonElement revision)
    {
        var number = revision.GetProperty("revision").GetInt64();
        if (
            revision.TryGetProperty("client", out var client)
            && client.ValueKind is JsonValueKind.String
            && client.ValueEquals(Session)
        )
        {
            TakeOwn(int.Parse(revision.GetProperty("localRevision").GetString()!.AsSpan("local-".Length)), number);
        }

        // Before the first dataset of a connection the change is part of it: a join that was interrupted leaves its
        // connection in the group. Up to the last revision it is a repetition: by a publisher that took over, or the answer
        // to an edit that was sent again.
        if (!ReferenceEquals(loadedOn, connection) || number <= Revision)
        {
            return;
        }

        if (number > Revision + 1)
        {
            crowd.Findings.Add(Finding.OutOfOrder, $"{name} stood at {Revision} and got {number}");
        }

        Revision = number;
        View.Apply(revision.GetProperty("changes"));
    }

    private void TakeOwn(int edit, long number)
    {
        // In any order: an edit that was resent together with a new one may be answered after it.
        if (pending.Find(candidate => candidate.Number == edit) is { } waiting)
        {
            pending.Remove(waiting);
            accepted[edit - 1] = number;
            crowd.NoteAccepted(crowd.Time.GetElapsedTime(waiting.Since));
        }
        else if (accepted[edit - 1] != number)
        {
            crowd.Findings.Add(Finding.Duplicated, $"{name}'s edit {edit} came back as {accepted[edit - 1]} and as {number}");
        }
    }

}
