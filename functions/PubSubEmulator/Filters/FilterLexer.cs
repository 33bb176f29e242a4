using System.Text;

namespace ServerlessSync.PubSubEmulator.Filters;

/// <summary>Splits a filter into tokens, one ahead of the parser.</summary>
internal sealed class FilterLexer
{
    private readonly string text;
    private int position;

    /// <summary>Starts at the first token of a text.</summary>
    public FilterLexer(string text)
    {
        this.text = text;
        Current = Read();
    }

    /// <summary>The token that the parser looks at.</summary>
    public FilterToken Current { get; private set; }

    /// <summary>Returns the current token and advances to the next.</summary>
    public FilterToken Take()
    {
        var taken = Current;
        Current = Read();
        return taken;
    }

    private FilterToken Read()
    {
        while (position < text.Length && text[position] == ' ')
        {
            position++;
        }

        var start = position;
        if (start == text.Length)
        {
            return new FilterToken(FilterTokenKind.End, string.Empty, start);
        }

        return text[start] switch
        {
            '(' => Single(FilterTokenKind.Open),
            ')' => Single(FilterTokenKind.Close),
            ',' => Single(FilterTokenKind.Comma),
            '\'' => Quoted(),
            '-' or (>= '0' and <= '9') => Run(FilterTokenKind.Number, char.IsAsciiDigit),
            (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') => Run(FilterTokenKind.Word, char.IsAsciiLetterOrDigit),
            var other => throw new FilterSyntaxException($"unexpected character '{other}' at position {start}"),
        };
    }

    private FilterToken Single(FilterTokenKind kind) => new(kind, text.Substring(position++, 1), position - 1);

    private FilterToken Run(FilterTokenKind kind, Func<char, bool> belongs)
    {
        var start = position++;
        while (position < text.Length && belongs(text[position]))
        {
            position++;
        }

        return new FilterToken(kind, text[start..position], start);
    }

    private FilterToken Quoted()
    {
        var start = position++;
        var value = new StringBuilder();
        while (position < text.Length)
        {
            var next = text[position++];
            if (next != '\'')
            {
                value.Append(next);
            }
            else if (position < text.Length && text[position] == '\'')
            {
                // A quote inside a text is doubled (OData 4.0 ABNF, SQUOTE-in-string).
                value.Append('\'');
                position++;
            }
            else
            {
                return new FilterToken(FilterTokenKind.Text, value.ToString(), start);
            }
        }

        throw new FilterSyntaxException($"the text that starts at position {start} has no closing quote");
    }
}
