namespace ServerlessSync.Core.Archives;

/// <summary>An archive is invalid. The message names the part and the fault.</summary>
public sealed class ArchiveException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ArchiveException(string message)
        : base(message) { }
}
