namespace ServerlessSync.Core.Memory;

/// <summary>
/// Something that was begun needs more memory than projects may take now, or its turn did not come in time. Nothing is wrong with it: asked
/// again later (<see cref="LoadingGate.RetryAfter"/>) it may be done.
/// </summary>
public sealed class LoadingRefusedException : Exception
{
    /// <summary>Makes the exception.</summary>
    public LoadingRefusedException(string message)
        : base(message) { }
}
