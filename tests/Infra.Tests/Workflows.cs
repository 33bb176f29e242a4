using System.Text.RegularExpressions;

namespace ServerlessSync.Infra.Tests;

/// <summary>What runs in GitHub Actions has no more rights than it needs, and is what was reviewed.</summary>
public sealed partial class Workflows
{
    private static readonly IReadOnlyList<string> Files = Repository.Files(".github/workflows", "*.yml");

    [Fact]
    public void Nothing_is_permitted_unless_a_job_says_so() =>
        Assert.All(Files, file => Assert.Single(Lines(file), line => line == "permissions: {}"));

    [Fact]
    public void Every_job_states_its_rights_and_a_time_limit() =>
        Assert.All(
            Files,
            file =>
            {
                var jobs = Lines(file).Count(line => line.StartsWith("    runs-on: ", StringComparison.Ordinal));

                Assert.NotEqual(0, jobs);
                Assert.Equal(jobs, Lines(file).Count(line => line == "    permissions:"));
                Assert.Equal(
                    jobs,
                    Lines(file).Count(line => line.StartsWith("    timeout-minutes: ", StringComparison.Ordinal))
                );
            }
        );

    [Fact]
    public void Only_the_deployment_may_speak_for_this_repository_elsewhere() =>
        Assert.Equal(
            ["deploy.yml"],
            Files
                .Where(file => Lines(file).Any(line => line.Contains("id-token: write", StringComparison.Ordinal)))
                .Select(file => Path.GetFileName(file)!)
        );

    [Fact]
    public void No_workflow_uses_a_secret() =>
        Assert.All(Files, file => Assert.DoesNotMatch(Secret(), File.ReadAllText(file)));

    // A tag can be moved to other code; a commit cannot.
    [Fact]
    public void Every_action_is_pinned_by_its_commit() =>
        Assert.All(
            Files.SelectMany(Lines).Where(line => line.Contains("uses: ", StringComparison.Ordinal)),
            line => Assert.Matches(Pinned(), line)
        );

    // An input or a title that is pasted into a script can end the command and begin another.
    [Fact]
    public void No_expression_is_pasted_into_a_script() =>
        Assert.All(
            Files,
            file => Assert.DoesNotContain(Scripts(Lines(file)), line => line.Contains("${{", StringComparison.Ordinal))
        );

    [Fact]
    public void Checked_out_code_keeps_no_credentials() =>
        Assert.All(
            Files,
            file =>
                Assert.Equal(
                    Lines(file).Count(line => line.Contains("uses: actions/checkout@", StringComparison.Ordinal)),
                    Lines(file).Count(line => line.Trim() == "persist-credentials: false")
                )
        );

    [Fact]
    public void The_deployment_hands_over_every_variable_that_the_templates_read()
    {
        var read = Variable()
            .Matches(Repository.Read("infra/main.bicepparam"))
            .Select(match => match.Groups["name"].Value)
            .Distinct(StringComparer.Ordinal);
        var deployment = Repository.Read(".github/workflows/deploy.yml");

        Assert.All(
            read,
            name => Assert.Contains($"      {name}: ${{{{ vars.{name} ", deployment, StringComparison.Ordinal)
        );
    }

    private static string[] Lines(string file) => File.ReadAllLines(file);

    /// <summary>Lines of <c>run</c> steps: those deeper than the key.</summary>
    private static IEnumerable<string> Scripts(IEnumerable<string> lines)
    {
        var inside = -1;
        foreach (var line in lines)
        {
            var depth = line.Length - line.TrimStart().Length;
            var key = line.IndexOf("run: ", StringComparison.Ordinal);
            if (key >= 0 && line.TrimStart(' ', '-').StartsWith("run: ", StringComparison.Ordinal))
            {
                inside = key;
                yield return line;
            }
            else if (inside >= 0 && (line.Length == 0 || depth > inside))
            {
                yield return line;
            }
            else
            {
                inside = -1;
            }
        }
    }

    [GeneratedRegex(
        @"\bsecrets\s*[.\[]",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Secret();

    [GeneratedRegex(
        @"uses: (docker://\S+@sha256:[0-9a-f]{64}|[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Pinned();

    [GeneratedRegex(
        @"readEnvironmentVariable\(\s*'(?<name>\w+)'",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Variable();
}
