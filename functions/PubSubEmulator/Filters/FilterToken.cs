namespace ServerlessSync.PubSubEmulator.Filters;

/// <summary>The kinds of words that a filter is made of.</summary>
internal enum FilterTokenKind
{
    /// <summary>The end of the text.</summary>
    End,

    /// <summary>An identifier, an operator or a function name.</summary>
    Word,

    /// <summary>A quoted text; the value has its doubled quotes undone.</summary>
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

/// <summary>One word of a filter and where it starts (in characters from 0).</summary>
internal readonly record struct FilterToken(FilterTokenKind Kind, string Value, int Position);
