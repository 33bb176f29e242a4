using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ServerlessSync.Composition.Settings;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Infra.Tests;

/// <summary>The site, and what the code expects of it. Bicep checks names of properties and hardly a value.</summary>
public sealed partial class Function_app(Templates templates)
{
    private static readonly string[] PlanKeepsElsewhere =
    [
        "FUNCTIONS_WORKER_RUNTIME",
        "FUNCTIONS_EXTENSION_VERSION",
        "WEBSITE_RUN_FROM_PACKAGE",
        "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING",
        "WEBSITE_CONTENTSHARE",
        "SCM_DO_BUILD_DURING_DEPLOYMENT",
        "AzureWebJobsStorage",
    ];

    [Fact]
    public async Task It_runs_the_framework_that_the_code_is_built_for()
    {
        var framework = Element("TargetFramework")
            .Match(Repository.Read("Directory.Build.props"))
            .Groups["value"]
            .Value;
        var runtime = Snapshot.At(await SiteAsync(), "properties.functionAppConfig.runtime");

        Assert.Equal("dotnet-isolated", (string?)runtime!["name"]);
        Assert.Equal(framework, "net" + (string?)runtime["version"]);
    }

    [Fact]
    public async Task The_plan_is_flex_consumption_on_linux()
    {
        var plan = (await templates.Production).Single("Microsoft.Web/serverfarms");

        Assert.Equal("FC1", Snapshot.TextAt(plan, "sku.name"));
        Assert.Equal("FlexConsumption", Snapshot.TextAt(plan, "sku.tier"));
        Assert.True((bool)Snapshot.At(plan, "properties.reserved")!);
        Assert.Equal("functionapp,linux", Snapshot.TextAt(await SiteAsync(), "kind"));
    }

    [Fact]
    public async Task What_the_plan_keeps_elsewhere_is_no_setting()
    {
        var production = await templates.Production;

        Assert.Empty(production.Settings().Keys.Intersect(PlanKeepsElsewhere, StringComparer.OrdinalIgnoreCase));
        Assert.Null(Snapshot.At(await SiteAsync(), "properties.siteConfig.linuxFxVersion"));
    }

    [Fact]
    public async Task Every_setting_is_one_that_the_code_reads()
    {
        foreach (var snapshot in new[] { await templates.Development, await templates.Production, await templates.Switched })
        {
            var names = snapshot.Settings().Keys.Where(name => name.StartsWith("Sync__", StringComparison.Ordinal)).Select(WithoutIndex);

            Assert.Empty(names.Except(SettingsReader.Names.Select(WithoutIndex), StringComparer.Ordinal));
        }

        static string WithoutIndex(string name) => name.TrimEnd("0123456789".ToCharArray());
    }

    [Fact]
    public async Task Everything_that_the_code_insists_on_is_set()
    {
        foreach (
            var snapshot in new[] { await templates.Development, await templates.Production, await templates.Switched }
        )
        {
            var settings = snapshot.Settings();

            Assert.EndsWith(".primaryEndpoints.table]", settings["Sync__Tables__Endpoint"], StringComparison.Ordinal);
            Assert.Matches(@"^\[format\('https://\{0\}', .*\.hostName\)\]$", settings["Sync__WebPubSub__Endpoint"]);
            Assert.Equal(Templates.Tenant, settings["Sync__EventHandler__Tenant"]);
            Assert.Equal(Templates.Audience, settings["Sync__EventHandler__Audience"]);
            Assert.Matches(
                @"^\[reference\('[^']+/webPubSub/[^']+', '[^']+', 'full'\)\.identity\.principalId\]$",
                settings["Sync__EventHandler__Caller"]
            );
            Assert.Equal("managedidentity", settings["AzureWebJobsStorage__credential"]);
            Assert.Equal(
                (string?)snapshot.Single("Microsoft.Storage/storageAccounts")["name"],
                settings["AzureWebJobsStorage__accountName"]
            );
            Assert.Equal("ManagedIdentityCredential", settings["AZURE_TOKEN_CREDENTIALS"]);
            Assert.Equal(settings["AZURE_CLIENT_ID"], settings["AzureWebJobsStorage__clientId"]);
            Assert.Contains(
                "Authorization=AAD",
                settings["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"],
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public async Task Strangers_are_let_in_only_where_the_deployment_says_so()
    {
        Assert.Equal("false", (await templates.Development).Settings()["Sync__AllowAnonymous"]);
        Assert.Equal("false", (await templates.Production).Settings()["Sync__AllowAnonymous"]);
        Assert.Equal("true", (await templates.Switched).Settings()["Sync__AllowAnonymous"]);
    }

    [Fact]
    public async Task Pages_are_listed_for_the_app_alone()
    {
        var production = await templates.Production;
        string[] pages = ["https://plans.example.com", "https://intranet.example.com:8443"];

        Assert.Equal(
            pages,
            production
                .Settings()
                .Where(setting => setting.Key.StartsWith("Sync__AllowedOrigins__", StringComparison.Ordinal))
                .OrderBy(setting => setting.Key, StringComparer.Ordinal)
                .Select(setting => setting.Value)
        );
        // The platform answers preflights itself as soon as its own list has an entry.
        Assert.Empty(Snapshot.At(await SiteAsync(), "properties.siteConfig.cors.allowedOrigins")!.AsArray());
    }

    [Fact]
    public async Task Only_the_addresses_that_are_named_may_call_the_site()
    {
        var open = Snapshot.At(await SiteAsync(), "properties.siteConfig");
        var closed = Snapshot.At((await templates.Switched).Single("Microsoft.Web/sites"), "properties.siteConfig");

        Assert.Equal("Allow", Snapshot.TextAt(open, "ipSecurityRestrictionsDefaultAction"));
        Assert.Empty(Snapshot.At(open, "ipSecurityRestrictions")!.AsArray());
        Assert.Equal("Deny", Snapshot.TextAt(closed, "ipSecurityRestrictionsDefaultAction"));
        Assert.Equal(
            [("ServiceTag", "AzureWebPubSub"), ("Default", "203.0.113.0/24")],
            Snapshot
                .At(closed, "ipSecurityRestrictions")!
                .AsArray()
                .Select(rule => ((string?)rule!["tag"], (string?)rule["ipAddress"]))
        );
    }

    [Fact]
    public async Task The_tables_are_those_of_the_code() =>
        Assert.Equal(
            TableName.All.Select(table => table.Value).Order(StringComparer.Ordinal),
            (await templates.Production)
                .Of("Microsoft.Storage/storageAccounts/tableServices/tables")
                .Select(table => ((string)table["name"]!).Split('/')[^1])
                .Order(StringComparer.Ordinal)
        );

    [Fact]
    public async Task Code_is_fetched_from_a_container_that_exists_and_with_the_identity_of_the_app()
    {
        var production = await templates.Production;
        var storage = Snapshot.At(await SiteAsync(), "properties.functionAppConfig.deployment.storage");
        var container = (
            (string)production.Single("Microsoft.Storage/storageAccounts/blobServices/containers")["name"]!
        ).Split('/')[^1];

        Assert.Contains($"'{{0}}{container}'", (string?)storage!["value"], StringComparison.Ordinal);
        Assert.Equal("UserAssignedIdentity", Snapshot.TextAt(storage, "authentication.type"));
        Assert.Equal(
            (string?)production.Single("Microsoft.ManagedIdentity/userAssignedIdentities")["id"],
            Snapshot.TextAt(storage, "authentication.userAssignedIdentityResourceId")
        );
    }

    [Fact]
    public async Task An_instance_gets_as_many_requests_as_its_host_takes()
    {
        var host = JsonNode.Parse(Repository.Read("host.json"));
        var scale = Snapshot.At(await SiteAsync(), "properties.functionAppConfig.scaleAndConcurrency");

        Assert.Equal(
            (int)Snapshot.At(host, "extensions.http.maxConcurrentRequests")!,
            (int)Snapshot.At(scale, "triggers.http.perInstanceConcurrency")!
        );
    }

    [Theory]
    [InlineData("dev", 0, "Recreate")]
    [InlineData("prod", 1, "RollingUpdate")]
    [InlineData("main", 2, "RollingUpdate")]
    public async Task Warm_instances_and_updates_are_as_decided(string name, int instances, string update)
    {
        var snapshot = await (
            name switch
            {
                "dev" => templates.Development,
                "prod" => templates.Production,
                _ => templates.Switched,
            }
        );
        var config = Snapshot.At(snapshot.Single("Microsoft.Web/sites"), "properties.functionAppConfig");
        var warm = Snapshot.At(config, "scaleAndConcurrency.alwaysReady")!.AsArray();

        Assert.Equal(instances, warm.Sum(entry => (int)entry!["instanceCount"]!));
        Assert.All(warm, entry => Assert.Equal("http", (string?)entry!["name"]));
        Assert.Equal(update, Snapshot.TextAt(config, "siteUpdateStrategy.type"));
    }

    [Fact]
    public async Task Zones_are_used_throughout_or_not_at_all()
    {
        var one = await templates.Production;
        var all = await templates.Switched;

        Assert.False((bool)Snapshot.At(one.Single("Microsoft.Web/serverfarms"), "properties.zoneRedundant")!);
        Assert.True((bool)Snapshot.At(all.Single("Microsoft.Web/serverfarms"), "properties.zoneRedundant")!);
        Assert.Equal("Standard_ZRS", Snapshot.TextAt(all.Single("Microsoft.Storage/storageAccounts"), "sku.name"));
    }

    // Its host reads storage in its first second, and the hub's address is the site's.
    [Fact]
    public async Task Roles_come_before_the_site_and_the_hub_after_it()
    {
        var resources = JsonNode.Parse((await templates.Compiled).Output)!["resources"]!.AsObject();

        Assert.Contains("access", After("functions"));
        Assert.Contains("functions", After("hub"));
        Assert.Superset(
            new HashSet<string>(["identity", "storage", "service"], StringComparer.Ordinal),
            After("access").ToHashSet(StringComparer.Ordinal)
        );

        IEnumerable<string> After(string name) =>
            resources[name]!["dependsOn"]!.AsArray().Select(other => (string)other!);
    }

    [Fact]
    public async Task The_data_of_production_are_locked()
    {
        var production = (await templates.Production).Single("Microsoft.Authorization/locks");

        Assert.Equal("CanNotDelete", Snapshot.TextAt(production, "properties.level"));
        Assert.Contains("/storageAccounts/", (string?)production["id"], StringComparison.Ordinal);
        Assert.Empty((await templates.Development).Of("Microsoft.Authorization/locks"));
    }

    [Fact]
    public async Task azd_finds_what_it_made()
    {
        var production = await templates.Production;
        var service = Regex
            .Match(
                Repository.Read("azure.yaml"),
                @"^services:\s*\n  (?<name>\w+):",
                RegexOptions.Multiline,
                TimeSpan.FromSeconds(1)
            )
            .Groups["name"]
            .Value;

        Assert.Equal(
            "prod",
            Snapshot.TextAt(production.Single("Microsoft.Resources/resourceGroups"), "tags.azd-env-name")
        );
        Assert.Equal(service, Snapshot.TextAt(await SiteAsync(), "tags.azd-service-name"));
        Assert.All(
            production.Resources.Where(resource => resource["tags"] is not null),
            resource => Assert.Equal("serverless-sync", Snapshot.TextAt(resource, "tags.application"))
        );
    }

    [Fact]
    public void Every_hook_that_azd_runs_is_there()
    {
        var hooks = Hook().Matches(Repository.Read("azure.yaml")).Select(match => match.Groups["path"].Value).ToList();

        Assert.Equal(
            hooks.Count(hook => hook.EndsWith(".sh", StringComparison.Ordinal)),
            hooks.Count(hook => hook.EndsWith(".ps1", StringComparison.Ordinal))
        );
        Assert.All(hooks, hook => Assert.True(File.Exists(Path.Combine(Repository.Root, hook)), hook));
        Assert.Equal(
            Repository.Files("infra/hooks", "*").Select(file => Path.GetFileName(file)!),
            hooks.Select(hook => Path.GetFileName(hook)!).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Every_variable_of_a_deployment_is_explained()
    {
        var manual = Repository.Read("docs/operations.md");
        var read = Variable()
            .Matches(Repository.Read("infra/main.bicepparam"))
            .Select(match => match.Groups["name"].Value);

        Assert.All(
            read.Where(name => name != "AZURE_ENV_NAME"),
            name => Assert.Contains(name, manual, StringComparison.Ordinal)
        );
    }

    [GeneratedRegex(
        @"run: \./(?<path>\S+)",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Hook();

    [GeneratedRegex(
        @"readEnvironmentVariable\(\s*'(?<name>\w+)'",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Variable();

    private static Regex Element(string name) =>
        new(
            $"<{name}>(?<value>[^<]+)</{name}>",
            RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
            TimeSpan.FromSeconds(1)
        );

    private async Task<JsonObject> SiteAsync() => (await templates.Production).Single("Microsoft.Web/sites");
}
