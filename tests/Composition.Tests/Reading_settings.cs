using Microsoft.Extensions.Configuration;
using ServerlessSync.Composition.Settings;

namespace ServerlessSync.Composition.Tests;

/// <summary>The settings of an operator, and the errors at start for invalid ones.</summary>
public sealed class Reading_settings
{
    private const string Key = "a-key-that-no-message-may-show-0123456789";

    private static readonly Dictionary<string, string> Usable = new(StringComparer.Ordinal)
    {
        ["Sync__Tables__ConnectionString"] = "UseDevelopmentStorage=true",
        ["Sync__WebPubSub__ConnectionString"] = $"Endpoint=http://127.0.0.1:8080;AccessKey={Key};Version=1.0;",
    };

    public static TheoryData<string, string, string> Refused { get; } =
        new()
        {
            { "Sync__Tabels__Endpoint", "https://a.example.com", "Sync__Tabels__Endpoint is not a setting. Did you mean Sync__Tables__Endpoint?" },
            { "Sync__HistoryDay", "9", "Sync__HistoryDay is not a setting. Did you mean Sync__HistoryDays?" },
            { "Sync__Frobnicate", "1", "Sync__Frobnicate is not a setting. See functions/App/README.md for the names." },
            { "Sync__Negotiate", "x", "Sync__Negotiate is a group of settings: set one of Sync__Negotiate__Issuer, Sync__Negotiate__Audience, Sync__Negotiate__NameClaim." },
            { "Sync__HistoryDays__Max", "9", "Sync__HistoryDays__Max is not a setting: Sync__HistoryDays is a single value." },
            { "Sync__Administrators", "hugo", "Sync__Administrators is a list: set Sync__Administrators__0 and so on." },
            { "Sync__AllowedOrigins", "https://a.example.com", "Sync__AllowedOrigins is a list: set Sync__AllowedOrigins__0 and so on." },
            { "Sync__AllowedOrigins__first", "https://a.example.com", "Sync__AllowedOrigins__first is not a setting: the elements of this list are Sync__AllowedOrigins__0 and so on." },
            { "Sync__HistoryDays", "ninety", "Sync__HistoryDays is 'ninety': needs a whole number." },
            { "Sync__HistoryDays", "3", "Sync__HistoryDays: needs 7 to 36500 days, or 0 to keep everything." },
            { "Sync__AllowAnonymous", "yes", "Sync__AllowAnonymous is 'yes': needs true or false." },
            { "Sync__EventHandler__Tenant", "contoso", "Sync__EventHandler__Tenant is 'contoso': needs an id such as 00000000-0000-0000-0000-000000000001." },
            { "Sync__Negotiate__Issuer", "login", "Sync__Negotiate__Issuer is 'login': needs an absolute URL." },
            { "Sync__Negotiate__Issuer", "https://login.example.com", "Sync__Negotiate__Audience is empty: needs the audience of this API's tokens." },
            { "Sync__Negotiate__Audience", "api", "Sync__Negotiate__Issuer is not set, but Sync__Negotiate__Audience is: set both or neither." },
            { "Sync__Telemetry__TraceRatio", "some", "Sync__Telemetry__TraceRatio is 'some': needs a number such as 0.5." },
            { "Sync__Telemetry__TraceRatio", "2", "Sync__Telemetry__TraceRatio is 2: needs a number from 0 to 1." },
            { "Sync__Tables__ConnectionString", "", "Set either Sync__Tables__Endpoint or Sync__Tables__ConnectionString; neither is set." },
            { "Sync__Tables__Endpoint", "https://a.table.example.com", "Set either Sync__Tables__Endpoint or Sync__Tables__ConnectionString; both are set." },
            { "Sync__Archives__Endpoin", "https://a.blob.example.com", "Sync__Archives__Endpoin is not a setting. Did you mean Sync__Archives__Endpoint?" },
            { "Sync__Archives__Endpoint", "https://a.blob.example.com/plans", "Sync__Archives__Endpoint has a path or a query: needs the address of the account alone." },
            { "Sync__Archives__Endpoint", "https://a.blob.example.com/?sig=" + Key, "Sync__Archives__Endpoint has a path or a query: needs the address of the account alone." },
            { "Sync__Archives__Container", "plans", "Sync__Archives__Container is set, but nothing is archived: set Sync__Archives__Endpoint or Sync__Archives__ConnectionString, too." },
            { "Sync__Archives__KeepDays", "9", "Sync__Archives__KeepDays is set, but nothing is archived: set Sync__Archives__Endpoint or Sync__Archives__ConnectionString, too." },
            { "Sync__Archives__IntervalHours", "daily", "Sync__Archives__IntervalHours is 'daily': needs a whole number." },
            { "Sync__WebPubSub__ConnectionString", "", "Set either Sync__WebPubSub__Endpoint or Sync__WebPubSub__ConnectionString; neither is set." },
            { "Sync__WebPubSub__ConnectionString", "AccessKey=" + Key, "Sync__WebPubSub__ConnectionString: The connection string has no Endpoint." },
            { "Sync__WebPubSub__Hub", "1st", "Sync__WebPubSub__Hub: A hub name starts with a letter and has at most 128 letters, digits and _ ` , . [ ]." },
            { "Sync__AllowedOrigins__0", "plans.example.com/app", NoOrigin("plans.example.com/app") },
            { "Sync__AllowedOrigins__0", "https://plans.example.com/", NoOrigin("https://plans.example.com/") },
            { "Sync__AllowedOrigins__0", "https://plans.example.com:443", NoOrigin("https://plans.example.com:443") },
            { "Sync__AllowedOrigins__0", "https://*.example.com/", NoOrigin("https://*.example.com/") },
            { "Sync__AllowedOrigins__0", "http://localhost:*", NoOrigin("http://localhost:*") },
            { "Sync__AllowedOrigins__0", "*", NoOrigin("*") },
        };

    private static string NoOrigin(string value) =>
        $"Sync__AllowedOrigins: '{value}' is not the origin of a page: needs https://host[:port], without a path and without the default port.";

    [Theory]
    [MemberData(nameof(Refused))]
    public void Invalid_settings_are_refused_by_name(string name, string value, string problem)
    {
        var invalid = Assert.IsType<SettingsResult.Invalid>(Read(Usable.Append(new(name, value))));

        Assert.Equal([problem], invalid.Problems);
        Assert.DoesNotContain(Key, invalid.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Endpoint", "https://a.blob.example.com", "Set either Sync__Archives__Endpoint or Sync__Archives__ConnectionString; both are set.")]
    [InlineData("Container", "Plans", "Sync__Archives__Container is 'Plans': needs 3 to 63 lower-case letters, digits and single hyphens between them.")]
    [InlineData("Container", "a--b", "Sync__Archives__Container is 'a--b': needs 3 to 63 lower-case letters, digits and single hyphens between them.")]
    [InlineData("Container", "ab", "Sync__Archives__Container is 'ab': needs 3 to 63 lower-case letters, digits and single hyphens between them.")]
    [InlineData("IntervalHours", "0", "Sync__Archives__IntervalHours is 0: needs 1 to 744.")]
    [InlineData("IntervalHours", "745", "Sync__Archives__IntervalHours is 745: needs 1 to 744.")]
    [InlineData("KeepDays", "0", "Sync__Archives__KeepDays is 0: needs 1 to 36500.")]
    [InlineData("KeepDays", "36501", "Sync__Archives__KeepDays is 36501: needs 1 to 36500.")]
    [InlineData("KeepCount", "0", "Sync__Archives__KeepCount is 0: needs 1 to 1000.")]
    [InlineData("KeepCount", "1001", "Sync__Archives__KeepCount is 1001: needs 1 to 1000.")]
    public void Archives_that_cannot_be_kept_so_are_refused_by_name(string name, string value, string problem)
    {
        var invalid = Assert.IsType<SettingsResult.Invalid>(
            Read(Usable.Concat([new("Sync__Archives__ConnectionString", Key), new($"Sync__Archives__{name}", value)]))
        );

        Assert.Equal([problem], invalid.Problems);
        Assert.DoesNotContain(Key, invalid.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_archived_unless_it_is_said_where() =>
        Assert.False(Assert.IsType<SettingsResult.Valid>(Read(Usable)).Settings.Archives.IsOn);

    [Fact]
    public void Archives_are_made_and_kept_as_it_is_set()
    {
        var archives = Assert
            .IsType<SettingsResult.Valid>(
                Read(
                    Usable.Concat(
                        [
                            new("Sync__Archives__Endpoint", "https://a.blob.example.com"),
                            new("Sync__Archives__IntervalHours", "6"),
                            new("Sync__Archives__KeepDays", "365"),
                            new("Sync__Archives__KeepCount", "7"),
                        ]
                    )
                )
            )
            .Settings.Archives;

        Assert.True(archives.IsOn);
        Assert.Equal("archives", archives.ContainerName);
        Assert.Equal(
            (TimeSpan.FromHours(6), TimeSpan.FromDays(365), 7),
            (archives.Schedule.Interval, archives.Schedule.KeepFor, archives.Schedule.KeepCount)
        );
    }

    [Fact]
    public void Without_a_key_the_three_ids_are_required()
    {
        var invalid = Assert.IsType<SettingsResult.Invalid>(
            Read(
                Usable.Concat(
                    [new("Sync__WebPubSub__ConnectionString", ""), new("Sync__WebPubSub__Endpoint", "https://a.webpubsub.example.com")]
                )
            )
        );

        Assert.StartsWith("Sync__EventHandler: The event handler cannot authenticate Web PubSub", Assert.Single(invalid.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_are_reported_at_once() =>
        Assert.Equal(
            [
                "Sync__EventHandler__Audience is not set: the other two ids need it.",
                "Sync__EventHandler__Caller is not set: the other two ids need it.",
                "Sync__Negotiate__Issuer is 'http://login.example.com/': needs an https URL.",
                "Sync__Negotiate__Audience is empty: needs the audience of this API's tokens.",
            ],
            Assert
                .IsType<SettingsResult.Invalid>(
                    Read(
                        Usable.Concat(
                            [
                                new("Sync__EventHandler__Tenant", "00000000-0000-0000-0000-000000000001"),
                                new("Sync__Negotiate__Issuer", "http://login.example.com"),
                            ]
                        )
                    )
                )
                .Problems
        );

    [Fact]
    public void Settings_reach_the_parts_that_use_them()
    {
        var settings = Assert
            .IsType<SettingsResult.Valid>(
                Read(
                    Usable.Concat(
                        [
                            new("sync__historydays", "0"),
                            new("Sync__AllowAnonymous", "true"),
                            new("Sync__AllowedOrigins__0", "https://a.example.com"),
                            new("Sync__AllowedOrigins__1", "https://b.example.com:8443"),
                            new("Sync__Negotiate__Issuer", "https://login.example.com/tenant"),
                            new("Sync__Negotiate__Audience", "api"),
                            new("Sync__Negotiate__NameClaim", ""),
                            new("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"),
                        ]
                    )
                )
            )
            .Settings;

        Assert.Equal(0, settings.HistoryDays);
        Assert.True(settings.AllowAnonymous);
        Assert.Equal(["https://a.example.com", "https://b.example.com:8443"], settings.AllowedOrigins);
        Assert.Equal("https://login.example.com/tenant", settings.Negotiate.Issuer!.OriginalString);
        Assert.Equal("preferred_username", settings.Negotiate.NameClaim);
        Assert.True(settings.Telemetry.IsExported);
    }

    [Fact]
    public void Every_setting_is_documented() =>
        Assert.All(
            SettingsReader.Names,
            name => Assert.Contains(Documented(name), File.ReadAllText(Path.Combine(Root(), "functions", "App", "README.md")), StringComparison.Ordinal)
        );

    /// <summary>A table row may abbreviate later names of a group to their last part.</summary>
    private static string Documented(string name) => name.Split("__")[^1] is "0" ? $"`{name}`" : name.Split("__")[^1] + '`';

    internal static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ServerlessSync.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }

    /// <summary>As environment variables; a later value replaces an earlier one.</summary>
    private static SettingsResult Read(IEnumerable<KeyValuePair<string, string>> variables) =>
        SettingsReader.Read(
            new ConfigurationBuilder()
                .AddInMemoryCollection(
                    variables
                        .GroupBy(static pair => pair.Key.Replace("__", ":", StringComparison.Ordinal), StringComparer.OrdinalIgnoreCase)
                        .Select(static group => KeyValuePair.Create(group.Key, (string?)group.Last().Value))
                )
                .Build()
        );
}
