using ServerlessSync.WebPubSub.Gateway;

namespace ServerlessSync.WebPubSub.Tests.Gateway;

public sealed class Reading_a_configuration
{
    private const string Key = "0123456789abcdef0123456789abcdef0123456789==";

    [Fact]
    public void A_connection_string_of_the_portal_is_read()
    {
        var connection = ServiceConnectionString.Parse(
            $"Endpoint=https://x.webpubsub.azure.com;AccessKey={Key};Version=1.0;"
        );
        Assert.Equal(new Uri("https://x.webpubsub.azure.com"), connection.Endpoint);
        Assert.Equal(Key, System.Text.Encoding.UTF8.GetString(connection.Key.Bytes));
    }

    [Fact]
    public void Order_case_blanks_and_a_port_do_not_matter()
    {
        var connection = ServiceConnectionString.Parse($" accesskey = {Key} ; PORT=8080; endpoint = http://localhost");
        Assert.Equal(new Uri("http://localhost:8080"), connection.Endpoint);
    }

    [Theory]
    [InlineData("AccessKey=" + Key, "Endpoint")]
    [InlineData("Endpoint=;AccessKey=" + Key, "Endpoint")]
    [InlineData("Endpoint=x.webpubsub.azure.com;AccessKey=" + Key, "Endpoint")]
    [InlineData("Endpoint=ftp://x;AccessKey=" + Key, "Endpoint")]
    [InlineData("Endpoint=https://x/path;AccessKey=" + Key, "Endpoint")]
    [InlineData("Endpoint=https://x?q;AccessKey=" + Key, "Endpoint")]
    [InlineData("Endpoint=https://u:p@x;AccessKey=" + Key, "Endpoint")]
    [InlineData("Endpoint=https://x", "AccessKey")]
    [InlineData("Endpoint=https://x;AccessKey=short", "AccessKey")]
    [InlineData("Endpoint=https://x;Endpoint=https://y;AccessKey=" + Key, "Endpoint")]
    [InlineData("Endpoint=https://x;Port=0;AccessKey=" + Key, "Port")]
    [InlineData("Endpoint=https://x;Port=65536;AccessKey=" + Key, "Port")]
    [InlineData("Endpoint=https://x;Port=+1;AccessKey=" + Key, "Port")]
    [InlineData("Endpoint=https://x;Version=2.0;AccessKey=" + Key, "Version")]
    [InlineData("Endpoint=https://x;torn", "Name=value")]
    public void What_is_wrong_is_named_and_the_key_is_not(string text, string named)
    {
        var exception = Assert.Throws<FormatException>(() => ServiceConnectionString.Parse(text));
        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_string_over_the_limit_is_refused() =>
        Assert.Throws<FormatException>(() => ServiceConnectionString.Parse(new string('x', 4097)));

    [Fact]
    public void No_text_form_shows_the_key()
    {
        var connection = ServiceConnectionString.Parse($"Endpoint=https://x;AccessKey={Key}");
        Assert.DoesNotContain(Key, $"{connection} {connection.Key}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Sync", "sync")]
    [InlineData("a_b`c,d.e[f]9", "a_b`c,d.e[f]9")]
    public void A_hub_name_is_lower_case(string text, string name) => Assert.Equal(name, HubName.Parse(text).Value);

    [Theory]
    [InlineData("")]
    [InlineData("9a")]
    [InlineData("a-b")]
    [InlineData("a/b")]
    [InlineData("ä")]
    [InlineData("a\n")]
    public void What_is_no_hub_name_is_refused(string text) =>
        Assert.Throws<FormatException>(() => HubName.Parse(text));

    [Fact]
    public void A_hub_name_ends_at_its_limit()
    {
        Assert.Equal(128, HubName.Parse(new string('a', 128)).Value.Length);
        Assert.Throws<FormatException>(() => HubName.Parse(new string('a', 129)));
    }
}
