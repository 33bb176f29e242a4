namespace ServerlessSync.PubSubEmulator.Filters;

/// <summary>Aborts the recursive descent at the first error.</summary>
#pragma warning disable CA1064 // It never leaves Filter.TryParse.
internal sealed class FilterSyntaxException : Exception
#pragma warning restore CA1064
{
    /// <summary>Creates the exception.</summary>
    public FilterSyntaxException(string message)
        : base(message) { }
}
