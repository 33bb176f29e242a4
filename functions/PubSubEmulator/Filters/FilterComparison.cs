namespace ServerlessSync.PubSubEmulator.Filters;

/// <summary>
/// The comparison operators. Texts compare ordinally; between null and a value only <c>ne</c> is true (OData 4.0, 5.1.1.1).
/// </summary>
internal static class FilterComparison
{
    /// <summary>Whether a word is a comparison operator.</summary>
    public static bool IsOperator(string word) => word is "eq" or "ne" or "gt" or "ge" or "lt" or "le";

    /// <summary>Compares two operands of the same type.</summary>
    /// <exception cref="FilterSyntaxException">The types are not comparable.</exception>
    public static FilterOperand.Condition Build(FilterOperand left, string operation, FilterOperand right) =>
        (left, right) switch
        {
            (FilterOperand.Text l, FilterOperand.Text r) => Compare(l.Of, r.Of, string.CompareOrdinal, operation),
            (FilterOperand.Text l, FilterOperand.Nothing) => Compare(l.Of, _ => null, string.CompareOrdinal, operation),
            (FilterOperand.Nothing, FilterOperand.Text r) => Compare(_ => null, r.Of, string.CompareOrdinal, operation),
            (FilterOperand.Number l, FilterOperand.Number r) => Compare(l.Of, r.Of, Numbers, operation),
            (FilterOperand.Number l, FilterOperand.Nothing) => Compare(l.Of, _ => null, Numbers, operation),
            (FilterOperand.Nothing, FilterOperand.Number r) => Compare(_ => null, r.Of, Numbers, operation),
            (FilterOperand.Condition l, FilterOperand.Condition r) when operation is "eq" => new(s =>
                l.Of(s) == r.Of(s)
            ),
            (FilterOperand.Condition l, FilterOperand.Condition r) when operation is "ne" => new(s =>
                l.Of(s) != r.Of(s)
            ),
            _ => throw new FilterSyntaxException(
                $"'{operation}' does not compare {left.TypeName} with {right.TypeName}"
            ),
        };

    private static int Numbers(long? left, long? right) => Nullable.Compare(left, right);

    private static FilterOperand.Condition Compare<T>(
        Func<IFilterSubject, T?> left,
        Func<IFilterSubject, T?> right,
        Comparison<T?> compare,
        string operation
    )
    {
        Func<int, bool> accepts = operation switch
        {
            "eq" => order => order == 0,
            "ne" => order => order != 0,
            "gt" => order => order > 0,
            "ge" => order => order >= 0,
            "lt" => order => order < 0,
            _ => order => order <= 0,
        };
        var ordersNull = operation is "eq" or "ne";
        return new FilterOperand.Condition(subject =>
        {
            var l = left(subject);
            var r = right(subject);
            return (l is null || r is null) && !ordersNull ? false : accepts(compare(l, r));
        });
    }
}
