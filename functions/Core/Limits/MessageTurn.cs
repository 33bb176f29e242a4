namespace ServerlessSync.Core.Limits;

/// <summary>The cost of a message.</summary>
/// <param name="Bytes">Bytes of the frame.</param>
/// <param name="IsLoad">Whether it reads from storage.</param>
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

    /// <summary>How long the message has to wait; zero when it may be handled now.</summary>
    public TimeSpan Wait { get; }

    /// <summary>The limit for which it waits.</summary>
    public LimitKind Kind { get; }

    /// <summary>The error for a message that is refused instead of delayed.</summary>
    public string Reason => LimitVerdict.Wait(Kind, Wait).Reason;

    public long[]? FullAt { get; }
}
