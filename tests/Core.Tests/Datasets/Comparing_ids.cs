using System.Text.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Tests.Datasets;

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

    // As printed by String(number) in a browser.
    [Theory]
    [InlineData("1.50", "1.5")]
    [InlineData("-7", "-7")]
    [InlineData("1e-6", "0.000001")]
    [InlineData("1e-7", "1e-7")]
    [InlineData("-1.25e-9", "-1.25e-9")]
    [InlineData("0.1", "0.1")]
    [InlineData("123456.789e3", "123456789")]
    [InlineData("1e15", "1000000000000000")]
    [InlineData("123456789012345680000", "123456789012345680000")]
    [InlineData("1e20", "100000000000000000000")]
    [InlineData("1e21", "1e+21")]
    [InlineData("1180591620717411303424", "1.1805916207174113e+21")]
    [InlineData("1.7976931348623157e308", "1.7976931348623157e+308")]
    [InlineData("5e-324", "5e-324")]
    [InlineData("-0", "0")]
    public void The_form_of_a_number_is_that_of_a_browser(string json, string form)
    {
        Assert.Equal(form, Read(json).Text);
        Assert.True(Read(json).HasSameFormAs(JsonId.Of(form)));
        Assert.Equal(JsonId.Of(form), Read(json).Twin);
        Assert.Equal(Read(json), JsonId.Of(form).Twin);
        Assert.Equal(Read(json).ToJson(), Read(Read(json).ToJson()).ToJson());
    }

    private static JsonId Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        Assert.True(JsonId.TryRead(document.RootElement, out var id));
        return id;
    }
}
