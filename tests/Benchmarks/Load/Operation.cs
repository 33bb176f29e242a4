namespace ServerlessSync.Benchmarks.Load;

/// <summary>One change in flight, in timestamps of the process that all clients share.</summary>
internal struct Operation
{
    public long Submitted;

    /// <summary>When its author received it with the server's number; 0 until then.</summary>
    public long Acknowledged;

    /// <summary>When the last client of its project received it; 0 until then.</summary>
    public long Everywhere;

    /// <summary>The number of clients that have received it.</summary>
    public int Receivers;
}

/// <summary>
/// The changes of one client, from 1. Its author appends while all receivers write into existing items, so items must never
/// move.
/// </summary>
internal sealed class OperationLog
{
    private const int BlockSize = 4096;
    private const int BlocksMax = 1024;

    private readonly Operation[]?[] blocks = new Operation[BlocksMax][];
    private int count;

    public int Count => Volatile.Read(ref count);

    public ref Operation this[int number] => ref Volatile.Read(ref blocks[(number - 1) / BlockSize])![(number - 1) % BlockSize];

    /// <summary>Records a change that is about to be sent.</summary>
    public int Add(long timestamp)
    {
        var number = count + 1;
        var block = (number - 1) / BlockSize;
        if (block == BlocksMax)
        {
            throw new LoadException($"A client is limited to {BlocksMax * BlockSize} changes.");
        }

        blocks[block] ??= new Operation[BlockSize];
        this[number].Submitted = timestamp;
        Volatile.Write(ref count, number);
        return number;
    }
}
