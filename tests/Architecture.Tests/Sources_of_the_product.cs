using System.Text.RegularExpressions;

namespace ServerlessSync.Architecture.Tests;

/// <summary>Rules about calls instead of types, checked on the source text.</summary>
public sealed partial class Sources_of_the_product
{
    private const int LinesMax = 450;

    private static readonly string[] Hosts = ["functions/App/", "functions/Composition/", "functions/Local/"];

    private static readonly IReadOnlyList<string> Sources = Repository.Files("functions", "*.cs");

    [Fact]
    public void Only_hosts_and_the_composition_read_environment_and_command_line() =>
        Assert.DoesNotContain(
            Sources.Where(path => !Hosts.Any(host => path.StartsWith(host, StringComparison.Ordinal))),
            path => ReadsSurroundings().IsMatch(Repository.ReadText(path))
        );

    // A file that needs more has two subjects.
    [Fact]
    public void No_file_outgrows_its_reader() =>
        Assert.DoesNotContain(Sources, path => LinesOf(path) > LinesMax);

    private static int LinesOf(string path) => Repository.ReadText(path).Count(character => character == '\n');

    [GeneratedRegex(
        @"\bEnvironment\s*\.\s*(GetEnvironmentVariables?|GetCommandLineArgs|ExpandEnvironmentVariables|CommandLine)\b|\bIConfiguration\b|\bConfigurationBuilder\b",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex ReadsSurroundings();
}
