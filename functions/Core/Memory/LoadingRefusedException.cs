namespace ServerlessSync.Core.Memory;

/// <summary>
/// A load needs more memory than is free now, or its turn did not come in time. The condition is transient: try again
/// after <see cref="LoadingGate.RetryAfter"/>.
/// </summary>
public sealed class LoadingRefusedException : Exception
{
    /// <summary>Creates the exception.</summary>
    public LoadingRefusedException(string message)
        : base(message) { }
}
