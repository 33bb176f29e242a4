namespace ServerlessSync.Core.Archives;

/// <summary>An archive cannot be read. The message names the part and what is wrong with it.</summary>
public sealed class ArchiveException : Exception
{
    /// <summary>Makes the exception.</summary>
    public ArchiveException(string message)
        : base(message) { }
}
