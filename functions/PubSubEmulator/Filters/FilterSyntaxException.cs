namespace ServerlessSync.PubSubEmulator.Filters;

/// <summary>Leaves the recursive descent at the first fault; never leaves <see cref="Filter.TryParse"/>.</summary>
internal sealed class FilterSyntaxException : Exception
{
    /// <summary>Makes the exception.</summary>
    public FilterSyntaxException(string message)
        : base(message) { }
}
