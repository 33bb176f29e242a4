namespace ServerlessSync.Core.Engine.Leasing;

/// <summary>What became of writing the head.</summary>
internal enum HeadWrite
{
    /// <summary>It stands.</summary>
    Written,

    /// <summary>Somebody else wrote it first.</summary>
    Lost,

    /// <summary>The answer was lost; only reading tells.</summary>
    Unknown,
}
