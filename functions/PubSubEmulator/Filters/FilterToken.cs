namespace ServerlessSync.PubSubEmulator.Filters;

/// <summary>The kinds of tokens in a filter.</summary>
internal enum FilterTokenKind
{
    /// <summary>The end of the text.</summary>
    End,

    /// <summary>An identifier, an operator or a function name.</summary>
    Word,

    /// <summary>A quoted text; its value has the doubled quotes resolved.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>An opening parenthesis.</summary>
    Open,

    /// <summary>A closing parenthesis.</summary>
    Close,

    /// <summary>A comma.</summary>
    Comma,
}

/// <summary>One token of a filter and its position (in characters from 0).</summary>
internal readonly record struct FilterToken(FilterTokenKind Kind, string Value, int Position);
