using System.Collections.Concurrent;
using System.Threading.Channels;
using Grpc.Core;

namespace ServerlessSync.FunctionsHost.Rpc;

/// <summary>The conversation with one worker: outgoing messages and awaited responses.</summary>
internal sealed class WorkerChannel
{
    private readonly Channel<StreamingMessage> outgoing = Channel.CreateUnbounded<StreamingMessage>(
        new UnboundedChannelOptions { SingleReader = true }
    );

    private readonly ConcurrentDictionary<string, TaskCompletionSource<StreamingMessage>> waiting = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Exception? closed;

    /// <summary>Completes when the worker has opened its stream.</summary>
    public Task Started => started.Task;

    /// <summary>Receives what a worker logs about an invocation. Records without one are dropped, as in the real host.</summary>
    public Action<RpcLog>? Logged { get; init; }

    public void Send(StreamingMessage message) => outgoing.Writer.TryWrite(message);

    /// <summary>Sends a message and waits for the response.</summary>
    /// <exception cref="WorkerHostException">The worker is gone.</exception>
    public async Task<StreamingMessage> AskAsync(StreamingMessage question, string answerKey, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<StreamingMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting[answerKey] = answer;
        try
        {
            // Checked after the entry was added, so that a concurrent close finds it.
            if (closed is { } reason)
            {
                throw reason;
            }

            Send(question);
            return await answer.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            waiting.TryRemove(answerKey, out _);
        }
    }

    /// <summary>Transfers messages both ways until the worker or the host ends the stream.</summary>
    public async Task RunAsync(
        IAsyncStreamReader<StreamingMessage> incoming,
        IAsyncStreamWriter<StreamingMessage> stream,
        CancellationToken cancellationToken
    )
    {
        started.TrySetResult();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = WriteAsync(stream, end.Token);
        try
        {
            await foreach (var message in incoming.ReadAllAsync(cancellationToken))
            {
                Receive(message);
            }
        }
        finally
        {
            await end.CancelAsync();
            await writing;
        }
    }

    /// <summary>No further responses will arrive.</summary>
    public void Close(Exception reason)
    {
        closed = reason;
        started.TrySetException(reason);
        outgoing.Writer.TryComplete();
        foreach (var answer in waiting.Values)
        {
            answer.TrySetException(reason);
        }
    }

    private async Task WriteAsync(IAsyncStreamWriter<StreamingMessage> stream, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var message in outgoing.Reader.ReadAllAsync(cancellationToken))
            {
                await stream.WriteAsync(message, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or InvalidOperationException or Grpc.Core.RpcException)
        {
            // The stream has ended; pending invocations fail when the process has exited.
        }
    }

    private void Receive(StreamingMessage message)
    {
        if (message.RpcLog is { } log)
        {
            if (log.InvocationId.Length > 0)
            {
                Logged?.Invoke(log);
            }
        }
        else if (AnswerKey.Of(message) is { } key && waiting.TryGetValue(key, out var answer))
        {
            answer.TrySetResult(message);
        }
    }
}

/// <summary>Matches a response to its request.</summary>
internal static class AnswerKey
{
    public const string Init = "init";
    public const string Metadata = "metadata";

    public static string Load(string functionId) => $"load {functionId}";

    public static string Invocation(string invocationId) => $"invocation {invocationId}";

    public static string? Of(StreamingMessage message) =>
        message.ContentCase switch
        {
            StreamingMessage.ContentOneofCase.WorkerInitResponse => Init,
            StreamingMessage.ContentOneofCase.FunctionMetadataResponse => Metadata,
            StreamingMessage.ContentOneofCase.FunctionLoadResponse => Load(message.FunctionLoadResponse.FunctionId),
            StreamingMessage.ContentOneofCase.InvocationResponse => Invocation(message.InvocationResponse.InvocationId),
            _ => null,
        };
}
