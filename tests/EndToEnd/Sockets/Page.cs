using System.Text.Json;

namespace ServerlessSync.EndToEnd.Sockets;

/// <summary>
/// One page of one user in one project. Presence messages are skipped, because users of other tests come and go meanwhile.
/// </summary>
internal sealed class Page(SyncSocket socket, string name, string project) : IAsyncDisposable
{
    private int locals;

    public SyncSocket Socket => socket;

    public string Name => name;

    /// <summary>The client id from the response to login, as JSON text.</summary>
    public string Client { get; private set; } = "null";

    /// <summary>The last revision received.</summary>
    public long Revision { get; private set; }

    /// <summary>The revision of the last dataset.</summary>
    public long DatasetRevision { get; private set; }

    public Task SendAsync(string text) => socket.SendAsync(text);

    /// <summary>The next message except presence. Revisions are counted: they must arrive without a gap.</summary>
    public async Task<Frame> NextAsync()
    {
        var frame = await NextUncountedAsync();
        if (frame.Error is not null)
        {
            return frame;
        }

        if (frame.Command is "dataset")
        {
            Revision = DatasetRevision = frame.Revision;
        }
        else if (frame.Command is "project_change")
        {
            foreach (var revision in frame.Revisions)
            {
                Assert.Equal(Revision + 1, revision.GetProperty("revision").GetInt64());
                Revision++;
            }
        }

        return frame;
    }

    /// <summary>The next message except presence, whatever its numbers.</summary>
    public async Task<Frame> NextUncountedAsync()
    {
        Frame frame;
        do
        {
            frame = await socket.NextAsync();
        } while (frame.IsAboutPeople);

        return frame;
    }

    /// <summary>Asserts the next message exactly.</summary>
    public async Task ExpectAsync(string text) => Assert.Equal(text, (await NextAsync()).Text);

    /// <summary>Asserts that no message arrived: the response to a request is the next message.</summary>
    public async Task ExpectNothingAsync()
    {
        await SendAsync(Say.Version);
        Assert.Equal("version", (await NextAsync()).Command);
    }

    public async Task LoginAsync()
    {
        await SendAsync(Say.Login(name));
        var answer = await NextAsync();
        Assert.Equal("login", answer.Command);
        Client = answer.Data.GetProperty("client").GetRawText();
    }

    public async Task<Frame> LoadAsync()
    {
        await SendAsync(Say.Dataset(project));
        var answer = await NextAsync();
        Assert.True(answer is { Command: "dataset", Error: null }, answer.Text);
        return answer;
    }

    /// <summary>A local revision id that this page has not used yet.</summary>
    public string NextLocal() => $"local-{++locals}";

    /// <summary>Sends a change; returns what all clients must receive when it becomes the next revision.</summary>
    public async Task<string> ChangeAsync(string changes)
    {
        var local = NextLocal();
        var number = Revision + 1;
        await SendAsync(
            Say.ChangeOn(DatasetRevision, project, Client, Say.Revision(local, Client, changes))
        );
        return Say.Published(project, number, local, Client, changes);
    }

    /// <summary>The next revisions, exactly as on the wire.</summary>
    public async Task<List<JsonElement>> RevisionsAsync(int count)
    {
        var revisions = new List<JsonElement>();
        while (revisions.Count < count)
        {
            var frame = await NextAsync();
            Assert.True(frame is { Command: "project_change", Error: null }, frame.Text);
            revisions.AddRange(frame.Revisions);
        }

        Assert.Equal(count, revisions.Count);
        return revisions;
    }

    public ValueTask DisposeAsync() => socket.DisposeAsync();
}
