namespace ServerlessSync.PubSubEmulator.Filters;

/// <summary>An operand of a filter, by the type of its value. Only texts and numbers can be null.</summary>
internal abstract record FilterOperand
{
    private FilterOperand() { }

    /// <summary>A Boolean value.</summary>
    public sealed record Condition(Func<IFilterSubject, bool> Of) : FilterOperand;

    /// <summary>A text.</summary>
    public sealed record Text(Func<IFilterSubject, string?> Of) : FilterOperand;

    /// <summary>A whole number.</summary>
    public sealed record Number(Func<IFilterSubject, long?> Of) : FilterOperand;

    /// <summary>The word <c>null</c>.</summary>
    public sealed record Nothing : FilterOperand;

    /// <summary>The identifier <c>groups</c>, valid only on the right of <c>in</c>.</summary>
    public sealed record Groups : FilterOperand;

    /// <summary>The name of the type in error messages.</summary>
    public string TypeName =>
        this switch
        {
            Condition => "a condition",
            Text => "a text",
            Number => "a number",
            Nothing => "null",
            _ => "groups",
        };
}
