using System.Text.Json;
using System.Text.RegularExpressions;

namespace ServerlessSync.Architecture.Tests;

/// <summary>The Function App according to its files.</summary>
public sealed partial class Function_app
{
    private static readonly ProjectFile App = ProjectFile.Named("App");

    [Fact]
    public void The_solution_lists_every_project() =>
        Assert.Equal(
            ProjectFile.All.Select(project => project.Path).Order(StringComparer.Ordinal),
            Listed().Select(project => project.Path).Order(StringComparer.Ordinal)
        );

    [Fact]
    public void A_build_of_the_solution_builds_every_project()
    {
        var solution = Repository.ReadText("ServerlessSync.sln");

        Assert.All(
            Listed(),
            project =>
            {
                Assert.Contains($"{project.Id}.Debug|Any CPU.Build.0", solution, StringComparison.Ordinal);
                Assert.Contains($"{project.Id}.Release|Any CPU.Build.0", solution, StringComparison.Ordinal);
            }
        );
    }

    // It only holds function attributes; the composition, which every host and test uses, creates what they call.
    [Fact]
    public void It_is_wiring_only()
    {
        var lines = Repository.Files("functions/App", "*.cs").Sum(path => Repository.ReadText(path).Count(character => character == '\n'));

        Assert.InRange(lines, 1, 150);
    }

    [Fact]
    public void It_is_an_isolated_worker_of_the_current_generation()
    {
        Assert.Equal("v4", App.Property("AzureFunctionsVersion"));
        Assert.Equal("Exe", App.Property("OutputType"));
        Assert.Contains("Microsoft.Azure.Functions.Worker.Sdk", App.PackageReferences);
        Assert.DoesNotContain(App.PackageReferences, name => name.StartsWith("Microsoft.NET.Sdk.Functions", StringComparison.Ordinal));
    }

    [Fact]
    public void The_host_settings_at_the_root_travel_with_it()
    {
        var link = Assert.Single(
            App.Document.Descendants("None"),
            element => string.Equals((string?)element.Attribute("Link"), "host.json", StringComparison.Ordinal)
        );

        Assert.Equal("../../host.json", (string?)link.Attribute("Include"));
        Assert.NotNull(link.Attribute("CopyToOutputDirectory"));
    }

    [Fact]
    public void Requests_that_wait_have_a_limit()
    {
        using var host = JsonDocument.Parse(Repository.ReadText("host.json"));
        var http = host.RootElement.GetProperty("extensions").GetProperty("http");

        Assert.Equal("2.0", host.RootElement.GetProperty("version").GetString());
        Assert.Equal("api", http.GetProperty("routePrefix").GetString());
        Assert.InRange(http.GetProperty("maxConcurrentRequests").GetInt32(), 1, http.GetProperty("maxOutstandingRequests").GetInt32());
        Assert.False(http.GetProperty("dynamicThrottlesEnabled").GetBoolean());
    }

    private static List<(string Path, string Id)> Listed() =>
        [
            .. ListedProject()
                .Matches(Repository.ReadText("ServerlessSync.sln"))
                .Select(match => (match.Groups["path"].Value.Replace('\\', '/'), match.Groups["id"].Value)),
        ];

    [GeneratedRegex(
        @"^Project\(""[^""]+""\) = ""[^""]+"", ""(?<path>[^""]+\.csproj)"", ""(?<id>\{[0-9A-F-]+\})""",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex ListedProject();
}
