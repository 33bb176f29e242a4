using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using ServerlessSync.Composition.Settings;

namespace ServerlessSync.Composition.Tests;

/// <summary><c>functions/App/local.settings.example.json</c>, which a developer copies.</summary>
public sealed class Copying_the_example_settings
{
    private static readonly JsonNode Example = JsonNode.Parse(
        File.ReadAllText(Path.Combine(Reading_settings.Root(), "functions", "App", "local.settings.example.json"))
    )!;

    [Fact]
    public void The_app_starts_with_them()
    {
        var values = Example["Values"]!.AsObject().Select(static pair => KeyValuePair.Create(pair.Key.Replace("__", ":", StringComparison.Ordinal), (string?)pair.Value));

        Assert.IsType<SettingsResult.Valid>(SettingsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build()));
    }

    /// <summary>A list of the host would answer preflights in the app's place; a list of the app would close sockets to other pages.</summary>
    [Fact]
    public void Pages_of_this_machine_may_call_because_of_the_environment_and_not_because_of_a_list()
    {
        Assert.Equal("Development", (string?)Example["Values"]!["DOTNET_ENVIRONMENT"]);
        Assert.Null(Example["Host"]!["CORS"]);
        Assert.DoesNotContain(Example["Values"]!.AsObject(), static pair => pair.Key.Contains("Origins", StringComparison.Ordinal));
    }
}
