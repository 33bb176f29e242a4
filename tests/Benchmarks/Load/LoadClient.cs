using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace ServerlessSync.Benchmarks.Load;

/// <summary>One browser's connection: logs in, loads the project, has a row of its own, and changes it again and again.</summary>
internal sealed class LoadClient : IAsyncDisposable
{
    private const int FrameBytesMax = 4 * 1024 * 1024;

    private readonly ClientWebSocket socket = new();
    private readonly ProjectLoad load;
    private readonly int index;
    private readonly TimeProvider time;
    private readonly FrameScanner scanner = new();
    private readonly ReceivedOrder order;
    private readonly TaskCompletionSource<string> loggedIn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> hasRow = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] buffer = new byte[64 * 1024];
    private Task receiving = Task.CompletedTask;
    private volatile bool submitting;
    private bool closedLoop;

    public LoadClient(ProjectLoad load, int index, TimeProvider time)
    {
        this.load = load;
        this.index = index;
        this.time = time;
        order = new ReceivedOrder(load.Operations.Count);
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
    }

    public Faults Faults => order.Faults;

    /// <summary>Ends when the connection does; faulted when the server ended it or sent no protocol.</summary>
    public Task Receiving => receiving;

    private OperationLog Own => load.Operations[index];

    /// <summary>Connects, logs in and loads the project.</summary>
    public async Task OpenAsync(Uri url, CancellationToken cancellationToken)
    {
        await socket.ConnectAsync(url, cancellationToken);
        receiving = ReceiveAsync(cancellationToken);
        await SendAsync(Requests.Login($"load-{index + 1}"), cancellationToken);
        var client = await AnswerAsync(loggedIn.Task, "login", cancellationToken);
        load.Register(client, index);
        await SendAsync(Requests.Dataset(load.Project), cancellationToken);
        await AnswerAsync(loaded.Task, "dataset", cancellationToken);
    }

    /// <summary>Adds the row that all later changes are of.</summary>
    public async Task AddRowAsync(CancellationToken cancellationToken)
    {
        var client = await loggedIn.Task;
        var number = Own.Add(time.GetTimestamp());
        await SendAsync(Requests.AddRow(load.Project, client, number), cancellationToken);
        await AnswerAsync(hasRow.Task, "the first change", cancellationToken);
    }

    /// <summary>Removes the row again.</summary>
    public async Task RemoveRowAsync(CancellationToken cancellationToken)
    {
        var number = Own.Add(time.GetTimestamp());
        await SendAsync(Requests.RemoveRow(load.Project, await loggedIn.Task, number, await hasRow.Task), cancellationToken);
    }

    /// <summary>Sends the next change whenever the last one is accepted, until <see cref="Stop"/>.</summary>
    public Task StartClosedLoopAsync(CancellationToken cancellationToken)
    {
        closedLoop = true;
        submitting = true;
        return SubmitAsync(cancellationToken).AsTask();
    }

    /// <summary>Sends changes at random intervals around 1/<paramref name="rate"/>, until <see cref="Stop"/>.</summary>
    public async Task PaceAsync(double rate, Random random, CancellationToken cancellationToken)
    {
        submitting = true;
        while (submitting)
        {
#pragma warning disable CA5394 // Repeatable on purpose; nothing is kept secret by it.
            var interval = TimeSpan.FromSeconds((0.5 + random.NextDouble()) / rate);
#pragma warning restore CA5394
            await Task.Delay(interval, time, cancellationToken);
            if (submitting)
            {
                await SubmitAsync(cancellationToken);
            }
        }
    }

    public void Stop() => submitting = false;

    public async ValueTask DisposeAsync()
    {
        socket.Abort();
        await receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        socket.Dispose();
    }

    private async ValueTask SubmitAsync(CancellationToken cancellationToken)
    {
        var number = Own.Count + 1;
        var message = Requests.Change(load.Project, await loggedIn.Task, number, await hasRow.Task);
        Own.Add(time.GetTimestamp());
        await SendAsync(message, cancellationToken);
    }

    private async Task SendAsync(byte[] message, CancellationToken cancellationToken) =>
        await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);

    private async Task<T> AnswerAsync<T>(Task<T> answer, string what, CancellationToken cancellationToken)
    {
        await AnswerAsync((Task)answer, what, cancellationToken);
        return await answer;
    }

    private async Task AnswerAsync(Task answer, string what, CancellationToken cancellationToken)
    {
        if (await Task.WhenAny(answer, receiving).WaitAsync(TimeSpan.FromSeconds(30), time, cancellationToken) == receiving)
        {
            await receiving;
            throw new LoadException($"The server closed the connection before it answered {what}.");
        }

        await answer;
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        while (await ReceiveFrameAsync(cancellationToken) is { } length)
        {
            var timestamp = time.GetTimestamp();
            if (Take(buffer.AsSpan(0, length), timestamp) && closedLoop && submitting)
            {
                await SubmitAsync(cancellationToken);
            }
        }
    }

    private async Task<int?> ReceiveFrameAsync(CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            length += part.Count;
            if (part.EndOfMessage)
            {
                return length;
            }

            if (length == buffer.Length)
            {
                if (length >= FrameBytesMax)
                {
                    throw new LoadException($"A frame has more than {FrameBytesMax} bytes.");
                }

                Array.Resize(ref buffer, length * 2);
            }
        }
    }

    /// <summary>Takes a frame in. True when the latest change of this client is accepted by it.</summary>
    private bool Take(ReadOnlySpan<byte> frame, long timestamp)
    {
        scanner.Scan(frame);
        switch (scanner.Kind)
        {
            case FrameKind.Change:
                return TakeRevisions(frame, timestamp);
            case FrameKind.Login:
                loggedIn.TrySetResult(scanner.Client ?? throw new LoadException("The answer to login holds no client id."));
                return false;
            case FrameKind.Dataset:
                order.Restart();
                Faults.Resyncs += loaded.TrySetResult() ? 0 : 1;
                return false;
            case FrameKind.Error:
                TakeError(Encoding.UTF8.GetString(frame));
                return false;
            default:
                return false;
        }
    }

    private bool TakeRevisions(ReadOnlySpan<byte> frame, long timestamp)
    {
        var isAccepted = false;
        foreach (var revision in scanner.Revisions)
        {
            var author = load.AuthorOf(frame[revision.Client]);
            if (author < 0)
            {
                order.Take(revision.Number);
                continue;
            }

            if (!order.Take(revision.Number, author, revision.Local))
            {
                continue;
            }

            load.Saw(author, revision.Local, timestamp);
            if (author == index)
            {
                Own[revision.Local].Acknowledged = timestamp;
                isAccepted |= revision.Local == Own.Count;
                if (!hasRow.Task.IsCompleted)
                {
                    hasRow.TrySetResult(RowIdIn(frame[revision.Changes]));
                    isAccepted = false;
                }
            }
        }

        return isAccepted;
    }

    private void TakeError(string text)
    {
        Faults.Errors++;
        Faults.FirstError ??= text[..Math.Min(text.Length, 300)];
        var exception = new LoadException(Faults.FirstError);
        // Whichever of these is awaited now is the one that was refused.
        if (!loggedIn.TrySetException(exception) && !loaded.TrySetException(exception))
        {
            hasRow.TrySetException(exception);
        }
    }

    private static string RowIdIn(ReadOnlySpan<byte> changes)
    {
        using var document = JsonDocument.Parse(changes.ToArray());
        return
            document.RootElement.TryGetProperty("tasks", out var tasks)
            && tasks.TryGetProperty("added", out var added)
            && added.GetArrayLength() == 1
            && added[0].TryGetProperty("id", out var id)
            ? id.GetRawText()
            : throw new LoadException("The first change came back without an id for its row.");
    }
}
