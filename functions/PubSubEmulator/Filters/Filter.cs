using System.Diagnostics.CodeAnalysis;

namespace ServerlessSync.PubSubEmulator.Filters;

/// <summary>A parsed OData filter of connections (reference-odata-filter).</summary>
internal sealed class Filter
{
    private readonly FilterOperand.Condition condition;

    private Filter(FilterOperand.Condition condition) => this.condition = condition;

    /// <summary>Parses a filter. When it is invalid, <paramref name="error"/> is the sentence for the response.</summary>
    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out Filter? filter,
        [NotNullWhen(false)] out string? error
    )
    {
        filter = null;
        error = null;
        if (text.Length > FilterLimits.TextCharsMax)
        {
            error = $"Invalid syntax for '{text[..64]}...': longer than {FilterLimits.TextCharsMax} characters.";
            return false;
        }

        try
        {
            filter = new Filter(new FilterParser(text).Parse());
            return true;
        }
        catch (FilterSyntaxException exception)
        {
            error = $"Invalid syntax for '{text}': {exception.Message}.";
            return false;
        }
    }

    /// <summary>Whether a connection meets the condition.</summary>
    public bool Includes(IFilterSubject subject) => condition.Of(subject);
}
