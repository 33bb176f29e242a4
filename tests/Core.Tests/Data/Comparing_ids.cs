using System.Text.Json;
using ServerlessSync.Core.Identity;

namespace ServerlessSync.Core.Tests.Data;

public sealed class Comparing_ids
{
    [Theory]
    [InlineData("0", "-0")]
    [InlineData("0", "-0.0e5")]
    [InlineData("1", "1.0")]
    [InlineData("1000000000000000", "1e15")]
    [InlineData("999999999999999999", "1e18")]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("9223372036854775807", "9223372036854775808")]
    public void What_is_one_number_to_a_browser_is_one_id(string left, string right) => Assert.Equal(Read(left), Read(right));

    [Theory]
    [InlineData("1", "\"1\"")]
    [InlineData("1", "1.5")]
    [InlineData("9007199254740992", "9007199254740994")]
    public void What_is_not_is_not(string left, string right) => Assert.NotEqual(Read(left), Read(right));

    [Theory]
    [InlineData(0)]
    [InlineData(-7)]
    [InlineData(999_999_999_999_999)]
    [InlineData(1_000_000_000_000_000)]
    [InlineData(9_007_199_254_740_993)]
    [InlineData(1_000_000_000_000_000_000)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void A_number_is_the_id_that_its_text_is(long number)
    {
        Assert.Equal(Read($"{number}"), JsonId.Of(number));
        Assert.Equal(Read(JsonId.Of(number).ToJson()), JsonId.Of(number));
    }

    private static JsonId Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        Assert.True(JsonId.TryRead(document.RootElement, out var id));
        return id;
    }
}
