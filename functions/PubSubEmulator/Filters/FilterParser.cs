using System.Globalization;

namespace ServerlessSync.PubSubEmulator.Filters;

/// <summary>
/// Recursive descent over the grammar <c>or := and {'or' and}</c>, <c>and := comparison {'and' comparison}</c>,
/// <c>comparison := unary [operator unary | 'in' list]</c>, <c>unary := 'not' unary | primary</c>. As in OData, <c>not</c>
/// binds closer than a comparison: <c>not length(userId) eq 3</c> is refused and needs parentheses.
/// </summary>
internal sealed class FilterParser(string text)
{
    private readonly FilterLexer lexer = new(text);
    private int clauses;
    private int depth;

    /// <summary>Parses the whole text.</summary>
    /// <exception cref="FilterSyntaxException">The text is not a filter or exceeds a limit.</exception>
    public FilterOperand.Condition Parse()
    {
        var condition = RequireCondition(Or());
        Expect(FilterTokenKind.End, "the end");
        return condition;
    }

    private FilterOperand Or()
    {
        var left = And();
        while (TakeWord("or"))
        {
            var (l, r) = (RequireCondition(left), RequireCondition(And()));
            left = new FilterOperand.Condition(subject => l.Of(subject) || r.Of(subject));
        }

        return left;
    }

    private FilterOperand And()
    {
        var left = Comparison();
        while (TakeWord("and"))
        {
            var (l, r) = (RequireCondition(left), RequireCondition(Comparison()));
            left = new FilterOperand.Condition(subject => l.Of(subject) && r.Of(subject));
        }

        return left;
    }

    private FilterOperand Comparison()
    {
        var left = Unary();
        if (lexer.Current.Kind != FilterTokenKind.Word)
        {
            return left;
        }

        if (FilterComparison.IsOperator(lexer.Current.Value))
        {
            CountClause();
            return FilterComparison.Build(left, lexer.Take().Value, Unary());
        }

        return TakeWord("in") ? In(left) : left;
    }

    private FilterOperand.Condition In(FilterOperand left)
    {
        CountClause();
        if (TakeWord("groups"))
        {
            return left is FilterOperand.Text group
                ? new FilterOperand.Condition(subject => group.Of(subject) is { } name && subject.Groups.Contains(name))
                : throw new FilterSyntaxException($"'in groups' needs a text on its left, not {left.TypeName}");
        }

        Expect(FilterTokenKind.Open, "'groups' or a list");
        var any = FilterComparison.Build(left, "eq", Primary());
        while (lexer.Current.Kind == FilterTokenKind.Comma)
        {
            lexer.Take();
            CountClause();
            var (before, next) = (any, FilterComparison.Build(left, "eq", Primary()));
            any = new FilterOperand.Condition(subject => before.Of(subject) || next.Of(subject));
        }

        Expect(FilterTokenKind.Close, "')'");
        return any;
    }

    private FilterOperand Unary()
    {
        if (!TakeWord("not"))
        {
            return Primary();
        }

        Descend();
        var negated = RequireCondition(Unary());
        depth--;
        return new FilterOperand.Condition(subject => !negated.Of(subject));
    }

    private FilterOperand Primary()
    {
        var token = lexer.Take();
        switch (token.Kind)
        {
            case FilterTokenKind.Text:
                return new FilterOperand.Text(_ => token.Value);
            case FilterTokenKind.Number:
                return long.TryParse(
                    token.Value,
                    NumberStyles.AllowLeadingSign,
                    CultureInfo.InvariantCulture,
                    out var number
                )
                    ? new FilterOperand.Number(_ => number)
                    : throw new FilterSyntaxException($"'{token.Value}' is not a whole number");
            case FilterTokenKind.Open:
                Descend();
                var inner = Or();
                Expect(FilterTokenKind.Close, "')'");
                depth--;
                return inner;
            case FilterTokenKind.Word when lexer.Current.Kind == FilterTokenKind.Open:
                return Function(token.Value);
            case FilterTokenKind.Word:
                return Identifier(token);
            default:
                throw Unexpected(token, "a value");
        }
    }

    private FilterOperand Function(string name)
    {
        CountClause();
        Descend();
        lexer.Take();
        var arguments = new List<FilterOperand> { Or() };
        while (lexer.Current.Kind == FilterTokenKind.Comma)
        {
            lexer.Take();
            arguments.Add(Or());
        }

        Expect(FilterTokenKind.Close, "')'");
        depth--;
        return FilterFunctions.Build(name, arguments);
    }

    private FilterOperand Identifier(FilterToken token) =>
        token.Value switch
        {
            "userId" => new FilterOperand.Text(subject => subject.UserId),
            "connectionId" => new FilterOperand.Text(subject => subject.ConnectionId),
            "groups" => new FilterOperand.Groups(),
            "null" => new FilterOperand.Nothing(),
            "true" or "false" => Constant(token.Value is "true"),
            _ => throw Unexpected(token, "userId, connectionId or groups"),
        };

    private FilterOperand.Condition Constant(bool value)
    {
        // Counted like a comparison; otherwise a chain of constants would nest without limit.
        CountClause();
        return new FilterOperand.Condition(_ => value);
    }

    private static FilterOperand.Condition RequireCondition(FilterOperand operand) =>
        operand as FilterOperand.Condition
        ?? throw new FilterSyntaxException($"a condition is expected, not {operand.TypeName}");

    private bool TakeWord(string word)
    {
        if (
            lexer.Current.Kind != FilterTokenKind.Word
            || !string.Equals(lexer.Current.Value, word, StringComparison.Ordinal)
        )
        {
            return false;
        }

        lexer.Take();
        return true;
    }

    private void Expect(FilterTokenKind kind, string what)
    {
        var token = lexer.Take();
        if (token.Kind != kind)
        {
            throw Unexpected(token, what);
        }
    }

    private static FilterSyntaxException Unexpected(FilterToken token, string expected) =>
        new(
            token.Kind == FilterTokenKind.End
                ? $"it ends where {expected} is expected"
                : $"'{token.Value}' at position {token.Position} where {expected} is expected"
        );

    private void CountClause()
    {
        if (++clauses > FilterLimits.ClausesMax)
        {
            throw new FilterSyntaxException($"more than {FilterLimits.ClausesMax} clauses");
        }
    }

    private void Descend()
    {
        if (++depth > FilterLimits.DepthMax)
        {
            throw new FilterSyntaxException($"more than {FilterLimits.DepthMax} levels");
        }
    }
}
