namespace ServerlessSync.Core.State;

/// <summary>The log holds a commit that cannot be applied. The state ends before it.</summary>
public sealed class PoisonedLogException : Exception
{
    /// <summary>Makes the exception.</summary>
    public PoisonedLogException(long revision, Exception innerException)
        : base($"The commit at revision {revision} cannot be applied.", innerException) => Revision = revision;

    /// <summary>The first revision of the commit.</summary>
    public long Revision { get; }
}
