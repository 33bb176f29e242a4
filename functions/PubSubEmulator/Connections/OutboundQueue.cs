using System.Threading.Channels;

namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>The queued frames of one connection, in the order in which sends were accepted. Bounded by number and bytes.</summary>
internal sealed class OutboundQueue(PubSubLimits limits)
{
    private readonly Channel<OutboundFrame> frames = Channel.CreateUnbounded<OutboundFrame>(
        new UnboundedChannelOptions { SingleReader = true }
    );

    private int count;
    private long bytes;

    /// <summary>Queues a frame. False when the receiver is too slow. A closed queue discards frames.</summary>
    public bool TryEnqueue(OutboundFrame frame)
    {
        var waiting = Interlocked.Increment(ref count);
        var waitingBytes = Interlocked.Add(ref bytes, frame.Payload.Length);
        if (waiting > limits.OutboundMessagesMax || waitingBytes > limits.OutboundBytesMax)
        {
            return false;
        }

        frames.Writer.TryWrite(frame);
        return true;
    }

    /// <summary>Ends the queue after the frames that it holds now.</summary>
    public void Complete() => frames.Writer.TryComplete();

    /// <summary>The frames until <see cref="Complete"/>. Single reader.</summary>
    public async IAsyncEnumerable<OutboundFrame> ReadAllAsync()
    {
        await foreach (var frame in frames.Reader.ReadAllAsync())
        {
            yield return frame;

            // Only after the consumer has sent it: a frame in a blocked send still counts as queued.
            Interlocked.Decrement(ref count);
            Interlocked.Add(ref bytes, -frame.Payload.Length);
        }
    }
}
