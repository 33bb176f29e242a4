namespace ServerlessSync.PubSubEmulator.Filters;

/// <summary>The limits of one filter, so that no request makes a send to many connections arbitrarily slow.</summary>
internal static class FilterLimits
{
    /// <summary>Characters of a filter: room for <see cref="ClausesMax"/> clauses that name groups of 1,024 characters.</summary>
    public const int TextCharsMax = 128 * 1024;

    /// <summary>
    /// Comparisons, memberships and functions in one filter; the service's own limit is "about 100"
    /// (reference-odata-filter).
    /// </summary>
    public const int ClausesMax = 100;

    /// <summary>Nested parentheses, functions and negations. Our own limit: parser and evaluation recurse once per level.</summary>
    public const int DepthMax = 64;
}
