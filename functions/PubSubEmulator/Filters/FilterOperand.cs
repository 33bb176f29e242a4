namespace ServerlessSync.PubSubEmulator.Filters;

/// <summary>A part of a filter, by the type of its value. Null is a value of texts and numbers only.</summary>
internal abstract record FilterOperand
{
    private FilterOperand() { }

    /// <summary>True or false.</summary>
    public sealed record Condition(Func<IFilterSubject, bool> Of) : FilterOperand;

    /// <summary>A text.</summary>
    public sealed record Text(Func<IFilterSubject, string?> Of) : FilterOperand;

    /// <summary>A whole number.</summary>
    public sealed record Number(Func<IFilterSubject, long?> Of) : FilterOperand;

    /// <summary>The word <c>null</c>.</summary>
    public sealed record Nothing : FilterOperand;

    /// <summary>The identifier <c>groups</c>, of use only on the right of <c>in</c>.</summary>
    public sealed record Groups : FilterOperand;

    /// <summary>What error messages call it.</summary>
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
