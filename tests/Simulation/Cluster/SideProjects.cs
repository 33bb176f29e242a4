using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Simulation.Cluster;

/// <summary>
/// Projects that are created, shared and deleted over HTTP while users edit others, concurrently and by several users under the same ids.
/// No page loads them; the checks look at storage and at lists.
/// </summary>
internal sealed class SideProjects(World world, Dice dice)
{
    private const int IdsMax = 6;

    private static readonly byte[] Dataset =
        """{"tasksData":[{"id":1,"name":"Plan"}],"versionsData":[{"id":1,"name":"First","content":{"a":1}}]}"""u8.ToArray();

    private readonly Dictionary<ProjectId, TimeSpan> deleted = [];

    /// <summary>Their owners and grantees.</summary>
    public static IReadOnlyList<string> People { get; } = ["ann", "ben", "cleo"];

    /// <summary>All their ids.</summary>
    public IReadOnlyList<ProjectId> All { get; } =
        [.. Enumerable.Range(1_001, IdsMax).Select(static number => new ProjectId(JsonId.Of(number)))];

    /// <summary>Whether a deletion of the project was confirmed and no archive was restored to its id since the request.</summary>
    public bool IsToldDeleted(ProjectId project) =>
        deleted.TryGetValue(project, out var asked) && asked > world.Vault.Ledger.Of(project).TimeOfLastArchive;

    public async Task LiveAsync()
    {
        while (!world.Faults.HaveEnded)
        {
            await Task.Delay(dice.Milliseconds(20, 1_500), world.Time);
            if (world.Cluster.Pick() is { } instance)
            {
                world.Spawn(ActAsync(instance), "a side project");
            }
        }
    }

    private async Task ActAsync(Instance instance)
    {
        var project = dice.Pick(All);
        var person = dice.Pick(People);
        var what = dice.Below(10);
        try
        {
            if (what == 9)
            {
                await ListAsync(instance, person);
                return;
            }

            var result = what switch
            {
                < 4 => await instance.Administration.CreateAsync(person, project.Id, $"of {person}", Dataset, CancellationToken.None),
                < 7 => await instance.Administration.GrantAsync(person, project, Grantee(), Grant(), CancellationToken.None),
                _ => await DeleteAsync(instance, person, project),
            };
            world.Trace.Note($"instance {instance.Number}: {person} on {project} ({what}): {result}");
        }
        catch (Exception exception) when (exception is StorageException or GatewayException)
        {
            world.Trace.Note($"instance {instance.Number}: {person} on {project} ({what}): {exception.Message}");
        }
    }

    /// <summary>P7: a list contains only projects that its reader could see at some moment of the request.</summary>
    private async Task ListAsync(Instance instance, string person)
    {
        var before = All.ToDictionary(static project => project, project => world.Vault.Ledger.Of(project).Access.Count);
        var list = await instance.Catalog.ListAsync(person, CancellationToken.None);
        foreach (var project in list.Select(static item => item.Project).Where(before.ContainsKey))
        {
            if (!world.Vault.Ledger.Of(project).Access.Since(before[project]).Any(access => access.RoleOf(person) > Role.None))
            {
                world.Violate("P7 isolation", $"{project} is listed for {person}, who may not see it");
            }
        }
    }

    public async Task<AdministrationResult> DeleteAsync(Instance instance, string person, ProjectId project)
    {
        var asked = world.Time.Elapsed;
        var result = await instance.Administration.DeleteAsync(person, project, CancellationToken.None);
        if (result is AdministrationResult.Done)
        {
            deleted[project] = asked;
        }

        return result;
    }

    private string? Grantee() => dice.Chance(0.2) ? null : dice.Pick(People);

    private Role Grant() => dice.Pick([Role.None, Role.Viewer, Role.Editor, Role.Owner]);
}
