using System.Text.Json;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Storage;
using ServerlessSync.Core.Tests.Engine;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.History;

/// <summary>Shared by the tests of history: an owner, and reads of the first task.</summary>
internal static class Past
{
    public const string Owner = "Olga";

    /// <summary>Runs a scenario with an owner who has no page open, on two instances.</summary>
    public static void Play(Func<World, Task> scenario, SequencerOptions? options = null) =>
        VirtualTime.Run(time =>
            new World(time, instanceCount: 2, options).RunAsync(async world =>
            {
                await world.GrantAsync(0, Owner, Role.Owner);
                await scenario(world);
            })
        );

    public static string NameIn(TestClient client) => NameIn(client.LastDataset.GetProperty("dataset"));

    /// <summary>The name of the first task at a revision, as read by an owner; else the result.</summary>
    public static async Task<string> NameAtAsync(World world, long revision)
    {
        var result = await world.AdministrationOf(0).ExportAsync(Owner, World.Project, revision, CancellationToken.None);
        if (result is not AdministrationResult.Exported exported)
        {
            return result.ToString();
        }

        Assert.Equal(revision, exported.Revision);
        using var document = JsonDocument.Parse(exported.Dataset);
        return NameIn(document.RootElement);
    }

    public static async Task<long> RestoreAsync(World world, long revision, int instance = 0)
    {
        var result = await world.AdministrationOf(instance).RestoreAsync(Owner, World.Project, revision, CancellationToken.None);
        return Assert.IsType<AdministrationResult.Restored>(result).Revision;
    }

    public static async Task<Head> HeadAsync(World world) =>
        (await new ProjectLog(world.Store, World.Project).ReadHeadAsync(CancellationToken.None))!.Value;

    public static async Task<List<string>> KeysAsync(World world, string prefix)
    {
        var keys = new List<string>();
        await foreach (
            var row in world.Store.QueryAsync(TableName.Data, World.Project.Key, RowRange.Prefix(prefix), null, CancellationToken.None)
        )
        {
            keys.Add(row.RowKey);
        }

        return keys;
    }

    private static string NameIn(JsonElement dataset) =>
        dataset.GetProperty("tasksData")[0].GetProperty("name").GetString()!;
}
