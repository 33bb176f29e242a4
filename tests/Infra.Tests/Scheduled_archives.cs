using System.Text.Json.Nodes;

namespace ServerlessSync.Infra.Tests;

/// <summary>Archives are apart from what they are archives of, and the app can do to them what the schedule needs.</summary>
public sealed class Scheduled_archives(Templates templates)
{
    private const string Account = "Microsoft.Storage/storageAccounts";
    private const string BlobDataContributor = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";

    [Fact]
    public async Task None_are_made_unless_they_are_asked_for()
    {
        foreach (var snapshot in (Snapshot[])[await templates.Development, await templates.Production, await templates.Switched])
        {
            Assert.Single(snapshot.Of(Account));
            Assert.DoesNotContain(snapshot.Settings().Keys, name => name.StartsWith("Sync__Archives__", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task They_go_to_an_account_of_their_own_that_takes_no_key_and_is_locked()
    {
        var account = await AccountAsync();

        Assert.Equal("Standard_GRS", Snapshot.TextAt(account, "sku.name"));
        Assert.False((bool)Snapshot.At(account, "properties.allowSharedKeyAccess")!);
        Assert.False((bool)Snapshot.At(account, "properties.allowBlobPublicAccess")!);
        Assert.False((bool)Snapshot.At(account, "properties.allowCrossTenantReplication")!);
        Assert.True((bool)Snapshot.At(account, "properties.supportsHttpsTrafficOnly")!);
        Assert.Equal("TLS1_2", Snapshot.TextAt(account, "properties.minimumTlsVersion"));
        Assert.Contains(
            (await templates.Archived).Of("Microsoft.Authorization/locks"),
            keep => ((string)keep["id"]!).StartsWith((string)account["id"]!, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task The_app_may_write_to_the_container_alone()
    {
        var container = Assert.Single(
            (await templates.Archived).Of(Account + "/blobServices/containers"),
            found => ((string)found["name"]!).EndsWith("/archives", StringComparison.Ordinal)
        );
        var granted = Assert.Single(
            (await templates.Archived).Of("Microsoft.Authorization/roleAssignments"),
            role => Snapshot.TextAt(role, "properties.roleDefinitionId")!.EndsWith(BlobDataContributor, StringComparison.Ordinal)
        );

        Assert.StartsWith((string)container["id"]! + "/providers/Microsoft.Authorization/", (string)granted["id"]!, StringComparison.Ordinal);
        Assert.Contains("/userAssignedIdentities/id-sync-", Snapshot.TextAt(granted, "properties.principalId"), StringComparison.Ordinal);
        Assert.Equal("None", Snapshot.TextAt(container, "properties.publicAccess"));
    }

    [Fact]
    public async Task The_app_is_told_where_how_often_and_for_how_long()
    {
        var settings = (await templates.Archived).Settings();

        Assert.Contains((string)(await AccountAsync())["name"]!, settings["Sync__Archives__Endpoint"], StringComparison.Ordinal);
        Assert.EndsWith(".primaryEndpoints.blob]", settings["Sync__Archives__Endpoint"], StringComparison.Ordinal);
        Assert.Equal(
            ("archives", "12", "30", "3"),
            (
                settings["Sync__Archives__Container"],
                settings["Sync__Archives__IntervalHours"],
                settings["Sync__Archives__KeepDays"],
                settings["Sync__Archives__KeepCount"]
            )
        );
    }

    private async Task<JsonObject> AccountAsync() =>
        Assert.Single(
            (await templates.Archived).Of(Account),
            account => ((string)account["name"]!).StartsWith("starch", StringComparison.Ordinal)
        );
}
