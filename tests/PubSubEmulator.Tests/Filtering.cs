using ServerlessSync.PubSubEmulator.Filters;

namespace ServerlessSync.PubSubEmulator.Tests;

public sealed class Filtering
{
    [Theory]
    [InlineData("userId eq 'ann'", true)]
    [InlineData("userId eq 'Ann'", false)]
    [InlineData("'ann' eq userId", true)]
    [InlineData("userId ne 'bob'", true)]
    [InlineData("userId eq null", false)]
    [InlineData("userId ne null", true)]
    [InlineData("null eq userId", false)]
    [InlineData("userId gt 'amy'", true)]
    [InlineData("userId ge 'ann'", true)]
    [InlineData("userId lt 'ann'", false)]
    [InlineData("userId le 'ann'", true)]
    [InlineData("connectionId eq 'c''1'", true)]
    [InlineData("'a' in groups", true)]
    [InlineData("'A' in groups", false)]
    [InlineData("userId in groups", false)]
    [InlineData("not ('a' in groups)", false)]
    [InlineData("userId in ('bob', 'ann')", true)]
    [InlineData("userId in ('bob')", false)]
    [InlineData("length(userId) in (1,3)", true)]
    [InlineData("'a' in groups and 'b' in groups", true)]
    [InlineData("'x' in groups or 'a' in groups and 'x' in groups", false)]
    [InlineData("('x' in groups or 'a' in groups) and 'b' in groups", true)]
    [InlineData("'a' in groups or 'x' in groups and 'x' in groups", true)]
    [InlineData("not startswith(userId, 'b') and true", true)]
    [InlineData("not not true", true)]
    [InlineData("(length(userId) eq 3) eq true", true)]
    [InlineData("length(userId) ne -1", true)]
    [InlineData("length(userId) ge 4", false)]
    [InlineData("indexof(userId, 'n') eq 1", true)]
    [InlineData("indexof(userId, 'x') eq -1", true)]
    [InlineData("toupper(userId) eq 'ANN'", true)]
    [InlineData("tolower('ANN') eq userId", true)]
    [InlineData("trim('  ann ') eq userId", true)]
    [InlineData("substring(userId, 1) eq 'nn'", true)]
    [InlineData("substring(userId, 1, 1) eq 'n'", true)]
    [InlineData("substring(userId, 9) eq ''", true)]
    [InlineData("concat(userId, connectionId) eq 'annc''1'", true)]
    [InlineData("startswith(userId, 'an')", true)]
    [InlineData("endswith(userId, 'an')", false)]
    [InlineData("contains(userId, 'nn')", true)]
    [InlineData("contains(concat(userId, '!'), '!') eq false", false)]
    [InlineData("'ö' ne 'o'", true)]
    public void A_filter_decides_about_a_connection(string text, bool expected)
    {
        Assert.True(Filter.TryParse(text, out var filter, out var error), error);
        Assert.Equal(expected, filter.Includes(new Subject("c'1", "ann", ["a", "b"])));
    }

    [Theory]
    [InlineData("userId eq null", true)]
    [InlineData("userId ne null", false)]
    [InlineData("userId ne 'ann'", true)]
    [InlineData("userId lt 'z'", false)]
    [InlineData("userId ge null", false)]
    [InlineData("startswith(userId, 'a')", false)]
    [InlineData("length(userId) eq null", true)]
    [InlineData("length(userId) gt 0", false)]
    public void A_connection_without_a_user_compares_as_null(string text, bool expected)
    {
        Assert.True(Filter.TryParse(text, out var filter, out var error), error);
        Assert.Equal(expected, filter.Includes(new Subject("c", null, [])));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("userId")]
    [InlineData("'text'")]
    [InlineData("userId eq")]
    [InlineData("userId eq 'a")]
    [InlineData("userId eq \"a\"")]
    [InlineData("userId = 'a'")]
    [InlineData("userId eq 'a' 'b'")]
    [InlineData("userId eq 'a' and")]
    [InlineData("(userId eq 'a'")]
    [InlineData("userId eq 'a')")]
    [InlineData("userid eq 'a'")]
    [InlineData("userId EQ 'a'")]
    [InlineData("userId eq 3")]
    [InlineData("userId in")]
    [InlineData("userId in ()")]
    [InlineData("3 in groups")]
    [InlineData("groups eq 'a'")]
    [InlineData("not length(userId) eq 3")]
    [InlineData("userId and true")]
    [InlineData("true gt false")]
    [InlineData("nosuch(userId)")]
    [InlineData("length()")]
    [InlineData("length(3) eq 3")]
    [InlineData("length(userId, userId) eq 3")]
    [InlineData("length(userId) eq 99999999999999999999")]
    [InlineData("length(userId) eq -")]
    public void Anything_else_is_refused_and_quoted(string text)
    {
        Assert.False(Filter.TryParse(text, out _, out var error));
        Assert.StartsWith($"Invalid syntax for '{text}'", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hundred_clauses_pass_and_no_more()
    {
        Assert.True(Filter.TryParse(Clauses(100), out var filter, out _));
        Assert.True(filter.Includes(new Subject("c", "u99", [])));
        Assert.False(Filter.TryParse(Clauses(101), out _, out var error));
        Assert.EndsWith("more than 100 clauses.", error, StringComparison.Ordinal);
        Assert.False(Filter.TryParse(string.Join(" and ", Enumerable.Repeat("true", 101)), out _, out _));
        Assert.False(Filter.TryParse($"userId in ({string.Join(',', Enumerable.Repeat("'a'", 101))})", out _, out _));

        static string Clauses(int count) =>
            string.Join(" or ", Enumerable.Range(0, count).Select(number => $"userId eq 'u{number}'"));
    }

    [Fact]
    public void Depth_and_length_have_limits()
    {
        Assert.True(Filter.TryParse(Nested(FilterLimits.DepthMax), out _, out _));
        Assert.False(Filter.TryParse(Nested(FilterLimits.DepthMax + 1), out _, out _));
        Assert.False(Filter.TryParse(string.Concat(Enumerable.Repeat("not ", 100_000 / 4)) + "true", out _, out _));
        Assert.False(Filter.TryParse(new string(' ', FilterLimits.TextCharsMax + 1), out _, out var error));
        Assert.InRange(error.Length, 1, 200);

        static string Nested(int depth) => new string('(', depth) + "true" + new string(')', depth);
    }

    private sealed record Subject(string ConnectionId, string? UserId, string[] Names) : IFilterSubject
    {
        public IReadOnlySet<string> Groups => new HashSet<string>(Names, StringComparer.Ordinal);
    }
}
