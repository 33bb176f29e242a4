namespace ServerlessSync.Core.Log;

/// <summary>A row was written by newer code. It is intact, but this process cannot read it.</summary>
public sealed class NewerFormatException : IOException
{
    /// <summary>Creates the exception.</summary>
    public NewerFormatException(string message)
        : base(message) { }
}
