using System.Text.RegularExpressions;

namespace ServerlessSync.Infra.Tests;

/// <summary>A value that Azure, or the app, would refuse later is refused before anything is changed.</summary>
public sealed partial class Refusing_parameters(Templates templates)
{
    /// <summary>Values of parameters as a parameter file states them.</summary>
    public static TheoryData<string, string> Values { get; } =
        new()
        {
            { "environmentName", "'p'" },
            { "environmentName", "'a-name-of-21-letters.'" },
            { "location", "'eu'" },
            { "eventHandlerAudience", "''" },
            { "eventHandlerAudience", "'api://11111111-2222-3333-4444-555555555555'" },
            { "webPubSub", "{ sku: 'Free_F1', units: 2 }" },
            { "webPubSub", "{ sku: 'Standard_S1', units: 0 }" },
            { "webPubSub", "{ sku: 'Basic_B1', units: 1 }" },
            { "resilience", "{ zones: 'one', alwaysReady: -1, storage: 'Standard_LRS' }" },
            { "resilience", "{ zones: 'all', alwaysReady: 1, storage: 'Standard_ZRS' }" },
            { "resilience", "{ zones: 'all', alwaysReady: 2, storage: 'Standard_LRS' }" },
            { "instanceMemoryMB", "512" },
            { "maximumInstances", "39" },
            { "maximumInstances", "1001" },
            { "updateStrategy", "'Swap'" },
            { "hubName", "''" },
            { "allowAnonymous", "'no'" },
            { "tokenProvider", "{ issuer: '', audience: 'plans', nameClaim: 'oid' }" },
            { "tokenProvider", "{ issuer: 'https://login.example.com', audience: '', nameClaim: 'oid' }" },
            { "logRetentionDays", "29" },
            { "logRetentionDays", "731" },
            { "logDailyQuotaGB", "-2" },
            { "actionGroups", "['a', 'b', 'c', 'd', 'e', 'f']" },
            {
                "thresholds",
                "{ publishLagSeconds: 5, failedEvents: 0, connectionQuotaPercent: 80, messagesPerDay: 1000 }"
            },
            {
                "thresholds",
                "{ publishLagSeconds: 6, failedEvents: 0, connectionQuotaPercent: 100, messagesPerDay: 1000 }"
            },
        };

    /// <summary>Variables that main.bicepparam reads, and the parameter that each makes.</summary>
    public static TheoryData<string, string, string> Variables { get; } =
        new()
        {
            { "AZURE_ENV_NAME", "p", "environmentName" },
            { "SYNC_EVENT_AUDIENCE", "guid", "eventHandlerAudience" },
            { "SYNC_WEB_PUBSUB_UNITS", "15", "webPubSub" },
            { "SYNC_WEB_PUBSUB_SKU", "Gold", "webPubSub" },
            { "SYNC_ZONES", "two", "resilience" },
            { "SYNC_ALWAYS_READY", "21", "resilience" },
            { "SYNC_STORAGE_SKU", "Premium_LRS", "resilience" },
            { "SYNC_UPDATE_STRATEGY", "Swap", "updateStrategy" },
            { "SYNC_ALLOW_ANONYMOUS", "perhaps", "allowAnonymous" },
            { "SYNC_ALLOWED_ORIGINS", "https://plans.example.com/", "allowedOrigins" },
            { "SYNC_TOKEN_AUDIENCE", "", "tokenProvider" },
            { "SYNC_EASY_AUTH", "2nd", "easyAuth" },
            { "SYNC_LOCK_DATA", "later", "lockData" },
            { "SYNC_ARCHIVES", "weekly", "archives" },
            { "SYNC_ARCHIVE_HOURS", "0", "archives" },
            { "SYNC_ARCHIVE_HOURS", "745", "archives" },
            { "SYNC_ARCHIVE_DAYS", "36501", "archives" },
            { "SYNC_ARCHIVE_COUNT", "1001", "archives" },
            { "SYNC_ALERTS", "few", "alerts" },
        };

    // A parameter can have one value in a file, so the first values of all share a file, and the second ones, and so on: a run of
    // the compiler takes two seconds.
    [Fact]
    public async Task A_value_out_of_range_is_refused()
    {
        var rounds = Values
            .Select(row => row.Data)
            .GroupBy(row => row.Item1, StringComparer.Ordinal)
            .SelectMany(group => group.Select((row, round) => (Round: round, Parameter: row.Item1, Value: row.Item2)))
            .GroupBy(row => row.Round);
        foreach (var round in rounds)
        {
            var good = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["environmentName"] = "'staging'",
                ["location"] = "'westeurope'",
                ["eventHandlerAudience"] = $"'{Templates.Audience}'",
                ["webPubSub"] = "{ sku: 'Standard_S1', units: 1 }",
                ["resilience"] = "{ zones: 'one', alwaysReady: 1, storage: 'Standard_LRS' }",
            };
            var bad = round.ToDictionary(row => row.Parameter, row => row.Value, StringComparer.Ordinal);
            var lines = good.Where(row => !bad.ContainsKey(row.Key))
                .Concat(bad)
                .Select(row => $"param {row.Key} = {row.Value}");
            string[] text = ["using 'main.bicep'", .. lines];

            var refused = await RefusedAsync(text, Templates.Variables);

            Assert.Equal(bad.Keys.Order(StringComparer.Ordinal), refused);
        }
    }

    [Fact]
    public async Task A_variable_out_of_range_is_refused()
    {
        var text = await File.ReadAllLinesAsync(
            Path.Combine(templates.Folder, "main.bicepparam"),
            TestContext.Current.CancellationToken
        );
        var rounds = Variables
            .Select(row => row.Data)
            .GroupBy(row => row.Item3, StringComparer.Ordinal)
            .SelectMany(group =>
                group.Select(
                    (row, round) => (Round: round, Variable: row.Item1, Value: row.Item2, Parameter: row.Item3)
                )
            )
            .GroupBy(row => row.Round);
        foreach (var round in rounds)
        {
            var variables = new Dictionary<string, string>(Templates.Variables, StringComparer.Ordinal);
            foreach (var row in round)
            {
                variables[row.Variable] = row.Value;
            }

            var refused = await RefusedAsync(text, variables);

            Assert.Equal(round.Select(row => row.Parameter).Order(StringComparer.Ordinal), refused);
        }
    }

    [Fact]
    public async Task A_variable_that_is_needed_is_named_when_it_is_missing()
    {
        var result = await templates.RunAsync(
            new Dictionary<string, string>(StringComparer.Ordinal),
            "build-params",
            "main.bicepparam",
            "--stdout"
        );

        Assert.NotEqual(0, result.ExitCode);
        Assert.All(
            new[] { "AZURE_ENV_NAME", "AZURE_LOCATION", "SYNC_EVENT_AUDIENCE" },
            name =>
                Assert.Contains(
                    $"Environment variable \"{name}\" does not exist",
                    result.Diagnostics,
                    StringComparison.Ordinal
                )
        );
    }

    /// <summary>The parameters on whose lines the compiler finds errors, by name.</summary>
    private async Task<IReadOnlyList<string>> RefusedAsync(
        IReadOnlyList<string> text,
        IReadOnlyDictionary<string, string> variables
    )
    {
        var name = Path.GetRandomFileName() + ".bicepparam";
        var path = Path.Combine(templates.Folder, name);
        await File.WriteAllLinesAsync(path, text, TestContext.Current.CancellationToken);
        var result = await templates.RunAsync(variables, "build-params", name, "--stdout");
        File.Delete(path);

        Assert.NotEqual(0, result.ExitCode);
        return
        [
            .. ErrorLine()
                .Matches(result.Diagnostics)
                .Select(match => int.Parse(match.Groups["line"].Value, provider: null))
                .Select(line =>
                    text.Take(line).Last(other => other.StartsWith("param ", StringComparison.Ordinal)).Split(' ')[1]
                )
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
    }

    [GeneratedRegex(
        @"\.bicepparam\((?<line>\d+),\d+\) : Error",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex ErrorLine();
}
