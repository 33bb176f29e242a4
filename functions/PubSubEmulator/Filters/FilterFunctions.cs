namespace ServerlessSync.PubSubEmulator.Filters;

/// <summary>
/// The functions of the service's filter language (reference-odata-filter). Positions and lengths count UTF-16 characters
/// from 0.
/// </summary>
internal static class FilterFunctions
{
    /// <summary>Applies a function to its arguments.</summary>
    /// <exception cref="FilterSyntaxException">There is no such function for these arguments.</exception>
    public static FilterOperand Build(string name, IReadOnlyList<FilterOperand> arguments) =>
        (name, arguments) switch
        {
            ("length", [FilterOperand.Text t]) => new FilterOperand.Number(s => t.Of(s)?.Length),
            ("indexof", [FilterOperand.Text t, FilterOperand.Text part]) => new FilterOperand.Number(s =>
                IndexOf(t.Of(s), part.Of(s))
            ),
            ("tolower", [FilterOperand.Text t]) => new FilterOperand.Text(s => t.Of(s)?.ToLowerInvariant()),
            ("toupper", [FilterOperand.Text t]) => new FilterOperand.Text(s => t.Of(s)?.ToUpperInvariant()),
            ("trim", [FilterOperand.Text t]) => new FilterOperand.Text(s => t.Of(s)?.Trim()),
            ("substring", [FilterOperand.Text t, FilterOperand.Number from]) => new FilterOperand.Text(s =>
                Substring(t.Of(s), from.Of(s), long.MaxValue)
            ),
            ("substring", [FilterOperand.Text t, FilterOperand.Number from, FilterOperand.Number count]) =>
                new FilterOperand.Text(s => Substring(t.Of(s), from.Of(s), count.Of(s))),
            ("concat", [FilterOperand.Text l, FilterOperand.Text r]) => new FilterOperand.Text(s => l.Of(s) + r.Of(s)),
            ("startswith", [FilterOperand.Text t, FilterOperand.Text part]) => Test(
                t,
                part,
                (text, p) => text.StartsWith(p, StringComparison.Ordinal)
            ),
            ("endswith", [FilterOperand.Text t, FilterOperand.Text part]) => Test(
                t,
                part,
                (text, p) => text.EndsWith(p, StringComparison.Ordinal)
            ),
            ("contains", [FilterOperand.Text t, FilterOperand.Text part]) => Test(
                t,
                part,
                (text, p) => text.Contains(p, StringComparison.Ordinal)
            ),
            _ => throw new FilterSyntaxException(
                $"there is no function {name}({string.Join(", ", arguments.Select(argument => argument.TypeName))})"
            ),
        };

    private static long? IndexOf(string? text, string? part) =>
        text is null || part is null ? null : text.IndexOf(part, StringComparison.Ordinal);

    private static string? Substring(string? text, long? from, long? count)
    {
        if (text is null || from is null || count is null)
        {
            return null;
        }

        var start = (int)Math.Clamp(from.Value, 0, text.Length);
        return text.Substring(start, (int)Math.Clamp(count.Value, 0, text.Length - start));
    }

    private static FilterOperand.Condition Test(
        FilterOperand.Text text,
        FilterOperand.Text part,
        Func<string, string, bool> test
    ) => new(subject => text.Of(subject) is { } t && part.Of(subject) is { } p && test(t, p));
}
