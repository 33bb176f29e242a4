namespace ServerlessSync.PubSubEmulator.Filters;

/// <summary>Ends the recursive descent at the first fault.</summary>
#pragma warning disable CA1064 // It never leaves Filter.TryParse.
internal sealed class FilterSyntaxException : Exception
#pragma warning restore CA1064
{
    /// <summary>Makes the exception.</summary>
    public FilterSyntaxException(string message)
        : base(message) { }
}
