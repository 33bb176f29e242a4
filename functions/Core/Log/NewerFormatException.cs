namespace ServerlessSync.Core.Log;

/// <summary>A row that newer code wrote: nothing is wrong with it, but this process cannot read it.</summary>
public sealed class NewerFormatException : IOException
{
    /// <summary>Makes the exception.</summary>
    public NewerFormatException(string message)
        : base(message) { }
}
