namespace ServerlessSync.Core.Limits;

/// <summary>What a message costs.</summary>
/// <param name="Bytes">Bytes of the frame.</param>
/// <param name="IsLoad">Whether it asks for something to be read.</param>
/// <param name="IsReset">Whether it asks for a reset.</param>
internal readonly record struct MessageCost(int Bytes, bool IsLoad = false, bool IsReset = false);

/// <summary>When a message may be handled.</summary>
internal sealed class MessageTurn
{
    public MessageTurn(BucketWait wait, long[]? fullAt)
    {
        Wait = wait.Time > TimeSpan.Zero ? wait.Time : TimeSpan.Zero;
        Kind = (LimitKind)wait.Bucket;
        FullAt = fullAt;
    }

    /// <summary>How long it has to wait; zero for now.</summary>
    public TimeSpan Wait { get; }

    /// <summary>For what it waits.</summary>
    public LimitKind Kind { get; }

    /// <summary>What is said to whoever does not wait.</summary>
    public string Reason => LimitVerdict.Wait(Kind, Wait).Reason;

    public long[]? FullAt { get; }
}
