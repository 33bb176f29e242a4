using System.Text.Json.Nodes;

namespace ServerlessSync.Infra.Tests;

/// <summary>Every alert is about something that Azure measures, notifies an operator, and has instructions.</summary>
public sealed class Alerts(Templates templates)
{
    private const string OnMetrics = "Microsoft.Insights/metricAlerts";
    private const string OnLogs = "Microsoft.Insights/scheduledQueryRules";

    // Azure Monitor, supported metrics of each type; a name that is not among them is refused only when it is deployed.
    private static readonly Dictionary<string, string[]> Metrics = new(StringComparer.Ordinal)
    {
        ["Microsoft.SignalRService/WebPubSub"] =
        [
            "ConnectionCloseCount",
            "ConnectionOpenCount",
            "ConnectionQuotaUtilization",
            "InboundTraffic",
            "OutboundTraffic",
            "ServerLoad",
            "TotalConnectionCount",
        ],
        ["Microsoft.Storage/storageAccounts/tableServices"] = ["Transactions"],
    };

    private static readonly Dictionary<string, string[]> Dimensions = new(StringComparer.Ordinal)
    {
        ["ConnectionCloseCategory"] =
        [
            "Normal",
            "Throttled",
            "SendEventFailed",
            "EventHandlerNotFound",
            "SlowClient",
            "ServiceTransientError",
            "BadRequest",
            "ServiceReload",
            "Unauthorized",
        ],
        ["ResponseType"] =
        [
            "ClientThrottlingError",
            "ClientAccountRequestThrottlingError",
            "ServerBusyError",
            "SuccessWithThrottling",
        ],
    };

    [Fact]
    public async Task There_is_one_for_each_thing_that_breaks()
    {
        var production = await templates.Production;

        Assert.Equal(
            [
                "sync-connection-quota",
                "sync-event-errors",
                "sync-failed-events",
                "sync-message-quota",
                "sync-no-upkeep",
                "sync-publish-lag",
                "sync-service-load",
                "sync-service-throttling",
                "sync-storage-throttling",
            ],
            Names(production)
        );
        Assert.Empty(Names(await templates.Development));
    }

    [Fact]
    public async Task Each_is_of_a_metric_and_a_dimension_that_exist()
    {
        foreach (var alert in (await templates.Production).Of(OnMetrics))
        {
            var criterion = Assert.Single(Snapshot.At(alert, "properties.criteria.allOf")!.AsArray());

            Assert.Contains((string)criterion!["metricName"]!, Metrics[(string)criterion["metricNamespace"]!]);
            Assert.All(
                criterion["dimensions"]!.AsArray(),
                dimension =>
                    Assert.Subset(
                        Dimensions[(string)dimension!["name"]!].ToHashSet(StringComparer.Ordinal),
                        Values(dimension["values"]).ToHashSet(StringComparer.Ordinal)
                    )
            );
        }
    }

    [Fact]
    public async Task Those_on_logs_ask_for_what_the_app_writes()
    {
        var queries = (await templates.Production)
            .Of(OnLogs)
            .Select(alert =>
                (string)Assert.Single(Snapshot.At(alert, "properties.criteria.allOf")!.AsArray())!["query"]!
            )
            .ToList();
        var written = Repository.Read("functions/Composition/Telemetry/MeteringObserver.cs");
        var functions = string.Concat(Repository.Files("functions/App", "*.cs").Select(File.ReadAllText));

        Assert.All(
            Quoted(queries, "AppMetrics"),
            name => Assert.Contains($"\"{name}\"", written, StringComparison.Ordinal)
        );
        Assert.All(
            Quoted(queries, "AppRequests").Where(name => !name.Contains('/', StringComparison.Ordinal)),
            name => Assert.Contains($"[Function(\"{name}\")]", functions, StringComparison.Ordinal)
        );
        Assert.NotEmpty(Quoted(queries, "AppMetrics"));
        Assert.NotEmpty(Quoted(queries, "AppRequests"));
    }

    [Fact]
    public async Task Each_calls_whom_the_deployment_names()
    {
        var production = await templates.Production;
        string[] called = [Templates.Variables["SYNC_ACTION_GROUP"]];

        Assert.All(
            production.Of(OnMetrics),
            alert =>
                Assert.Equal(
                    called,
                    Snapshot
                        .At(alert, "properties.actions")!
                        .AsArray()
                        .Select(action => (string)action!["actionGroupId"]!)
                )
        );
        Assert.All(
            production.Of(OnLogs),
            alert => Assert.Equal(called, Values(Snapshot.At(alert, "properties.actions.actionGroups")))
        );
    }

    [Fact]
    public async Task Each_has_a_chapter_that_says_what_to_do()
    {
        var chapters = Repository
            .Read("docs/operations.md")
            .Split('\n')
            .Where(line => line.StartsWith("### ", StringComparison.Ordinal))
            .ToList();

        Assert.All(Names(await templates.Production), name => Assert.Contains($"### {name}", chapters));
    }

    private static IReadOnlyList<string> Quoted(IEnumerable<string> queries, string table) =>
        [
            .. queries
                .Where(query => query.StartsWith(table, StringComparison.Ordinal))
                .SelectMany(query => query.Split('"').Where((_, index) => index % 2 == 1)),
        ];

    private static IReadOnlyList<string> Names(Snapshot snapshot) =>
        [
            .. snapshot
                .Of(OnMetrics)
                .Concat(snapshot.Of(OnLogs))
                .Select(alert => (string)alert["name"]!)
                .Order(StringComparer.Ordinal),
        ];

    private static IEnumerable<string> Values(JsonNode? list) => list!.AsArray().Select(value => (string)value!);
}
