using System.Text.RegularExpressions;

namespace ServerlessSync.Infra.Tests;

/// <summary>No secret grants access, and no identity has more rights than it needs.</summary>
public sealed partial class Keys_and_roles(Templates templates)
{
    private const string Builtin = "/providers/Microsoft.Authorization/roleDefinitions/";

    private static readonly Dictionary<string, string> Roles = new(StringComparer.Ordinal)
    {
        ["b7e6dc6d-f1e8-4753-8033-0f276bb0955b"] = "Microsoft.Storage/storageAccounts", // Storage Blob Data Owner
        ["0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"] = "Microsoft.Storage/storageAccounts", // Storage Table Data Contributor
        ["12cf5a90-567b-43ae-8102-96cf46c7d9b4"] = "Microsoft.SignalRService/webPubSub", // Web PubSub Service Owner
        ["3913510d-42f4-4e42-8a64-420c390055eb"] = "Microsoft.Insights/components", // Monitoring Metrics Publisher
    };

    [Fact]
    public async Task No_service_takes_a_key()
    {
        foreach (var snapshot in await AllAsync())
        {
            Assert.False(
                (bool)
                    Snapshot.At(
                        snapshot.Single("Microsoft.Storage/storageAccounts"),
                        "properties.allowSharedKeyAccess"
                    )!
            );
            Assert.True(
                (bool)Snapshot.At(snapshot.Single("Microsoft.SignalRService/webPubSub"), "properties.disableLocalAuth")!
            );
            Assert.True(
                (bool)Snapshot.At(snapshot.Single("Microsoft.Insights/components"), "properties.DisableLocalAuth")!
            );
            Assert.True(
                (bool)
                    Snapshot.At(
                        snapshot.Single("Microsoft.OperationalInsights/workspaces"),
                        "properties.features.disableLocalAuth"
                    )!
            );
            var publishing = snapshot.Of("Microsoft.Web/sites/basicPublishingCredentialsPolicies");
            Assert.Equal(
                ["ftp", "scm"],
                publishing.Select(policy => ((string)policy["name"]!).Split('/')[1]).Order(StringComparer.Ordinal)
            );
            Assert.All(publishing, policy => Assert.False((bool)Snapshot.At(policy, "properties.allow")!));
        }
    }

    [Fact]
    public async Task No_key_and_no_connection_string_is_read_or_written()
    {
        var compiled = (await templates.Compiled).Output;

        Assert.DoesNotMatch(Secrets(), compiled);
        foreach (var snapshot in await AllAsync())
        {
            Assert.Equal(
                // An address: its key opens nothing while local authentication is off, which the test above holds.
                ["APPLICATIONINSIGHTS_CONNECTION_STRING"],
                snapshot.Settings().Keys.Where(name => ConnectionString().IsMatch(name))
            );
        }
    }

    [Fact]
    public async Task The_app_has_four_roles_each_on_one_resource()
    {
        foreach (var snapshot in await AllAsync())
        {
            var granted = snapshot.Of("Microsoft.Authorization/roleAssignments");

            Assert.Equal(
                Roles.OrderBy(role => role.Key, StringComparer.Ordinal).Select(role => (role.Key, role.Value)),
                granted
                    .Select(role => (RoleOf(role), ScopeOf(role)))
                    .OrderBy(role => role.Item1, StringComparer.Ordinal)
            );
            Assert.All(
                granted,
                role => Assert.Equal("ServicePrincipal", Snapshot.TextAt(role, "properties.principalType"))
            );
            Assert.All(
                granted,
                role =>
                    Assert.Contains(
                        "/userAssignedIdentities/id-sync-",
                        Snapshot.TextAt(role, "properties.principalId"),
                        StringComparison.Ordinal
                    )
            );
        }
    }

    // What holds the identity of Web PubSub can speak for every user, so it must not be one that can be given to something else.
    [Fact]
    public async Task Web_PubSub_has_an_identity_of_its_own_and_no_role()
    {
        var service = (await templates.Production).Single("Microsoft.SignalRService/webPubSub");

        Assert.Equal("SystemAssigned", Snapshot.TextAt(service, "identity.type"));
    }

    [Fact]
    public async Task Everything_speaks_TLS_1_2_or_later()
    {
        foreach (var snapshot in await AllAsync())
        {
            var account = snapshot.Single("Microsoft.Storage/storageAccounts");
            var site = snapshot.Single("Microsoft.Web/sites");

            Assert.True((bool)Snapshot.At(account, "properties.supportsHttpsTrafficOnly")!);
            Assert.Equal("TLS1_2", Snapshot.TextAt(account, "properties.minimumTlsVersion"));
            Assert.True((bool)Snapshot.At(site, "properties.httpsOnly")!);
            Assert.Equal("1.2", Snapshot.TextAt(site, "properties.siteConfig.minTlsVersion"));
            Assert.Equal("1.2", Snapshot.TextAt(site, "properties.siteConfig.scmMinTlsVersion"));
            Assert.Equal("Disabled", Snapshot.TextAt(site, "properties.siteConfig.ftpsState"));
        }
    }

    // Decided in docs/security.md: reachable from all networks, but only with a role.
    [Fact]
    public async Task Networks_are_open_and_nothing_in_them_is_public()
    {
        foreach (var snapshot in await AllAsync())
        {
            var account = snapshot.Single("Microsoft.Storage/storageAccounts");

            Assert.Equal("Enabled", Snapshot.TextAt(account, "properties.publicNetworkAccess"));
            Assert.False((bool)Snapshot.At(account, "properties.allowBlobPublicAccess")!);
            Assert.False((bool)Snapshot.At(account, "properties.allowCrossTenantReplication")!);
            Assert.Equal(
                "None",
                Snapshot.TextAt(
                    snapshot.Single("Microsoft.Storage/storageAccounts/blobServices/containers"),
                    "properties.publicAccess"
                )
            );
            Assert.Equal(
                "Enabled",
                Snapshot.TextAt(snapshot.Single("Microsoft.SignalRService/webPubSub"), "properties.publicNetworkAccess")
            );
            Assert.Equal(
                "false",
                Snapshot.TextAt(
                    snapshot.Single("Microsoft.SignalRService/webPubSub"),
                    "properties.liveTraceConfiguration.enabled"
                )
            );
            Assert.Equal(
                "Enabled",
                Snapshot.TextAt(snapshot.Single("Microsoft.Web/sites"), "properties.publicNetworkAccess")
            );
        }
    }

    private static string RoleOf(System.Text.Json.Nodes.JsonObject assignment) =>
        Snapshot.TextAt(assignment, "properties.roleDefinitionId")!.Split(Builtin)[1];

    private static string ScopeOf(System.Text.Json.Nodes.JsonObject assignment)
    {
        var scope = ((string)assignment["id"]!).Split("/providers/Microsoft.Authorization/")[0].Split("/providers/")[1];
        return string.Join('/', scope.Split('/').Take(2));
    }

    private async Task<IReadOnlyList<Snapshot>> AllAsync() =>
        [await templates.Development, await templates.Production, await templates.Switched];

    [GeneratedRegex(
        "listKeys|listAccountSas|listSecrets|listCredentials|primaryKey|secondaryKey|AccountKey|AccessKey|SharedAccess|primaryConnectionString|@Microsoft.KeyVault",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Secrets();

    [GeneratedRegex(
        "connection_?string",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex ConnectionString();
}
