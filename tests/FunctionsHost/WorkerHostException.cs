namespace ServerlessSync.FunctionsHost;

/// <summary>The worker did not start, or has ended.</summary>
public sealed class WorkerHostException : Exception
{
    /// <inheritdoc cref="WorkerHostException"/>
    public WorkerHostException(string message, int? exitCode = null, Exception? innerException = null)
        : base(message, innerException) => ExitCode = exitCode;

    /// <summary>The exit code of the worker; null when it was killed or is still running.</summary>
    public int? ExitCode { get; }
}
