using System.Threading.Channels;

namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>The frames that wait for one connection, in the order in which sends were accepted. Bounded by number and bytes.</summary>
internal sealed class OutboundQueue(PubSubLimits limits)
{
    private readonly Channel<OutboundFrame> frames = Channel.CreateUnbounded<OutboundFrame>(
        new UnboundedChannelOptions { SingleReader = true }
    );

    private int count;
    private long bytes;

    /// <summary>Adds a frame. False when the receiver is too slow to keep it any longer; a closed queue takes frames and loses them.</summary>
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

    /// <summary>Nothing comes after what is in the queue now.</summary>
    public void Complete() => frames.Writer.TryComplete();

    /// <summary>The frames until <see cref="Complete"/>; one reader.</summary>
    public async IAsyncEnumerable<OutboundFrame> ReadAllAsync()
    {
        await foreach (var frame in frames.Reader.ReadAllAsync())
        {
            yield return frame;

            // Only after the consumer is done with it: a frame in the middle of a blocked send still counts as waiting.
            Interlocked.Decrement(ref count);
            Interlocked.Add(ref bytes, -frame.Payload.Length);
        }
    }
}
