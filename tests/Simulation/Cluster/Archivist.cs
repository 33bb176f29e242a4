using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;
using ServerlessSync.Simulation.Checks;

namespace ServerlessSync.Simulation.Cluster;

/// <summary>
/// An administrator who makes archives of the projects that users work in. Restores go into such projects, and to ids of others that are deleted, are being
/// deleted, or never existed.
/// </summary>
internal sealed class Archivist(World world, Dice dice)
{
    private const string Name = "ada";

    /// <summary>How often a failing request is repeated: it meets dead instances and archives that others work on.</summary>
    private const int AttemptsMax = 8;

    private readonly List<Kept> kept = [];

    /// <summary>The administrator, and a retention that matters in a run of minutes.</summary>
    public static ArchiveOptions Options { get; } =
        new() { IsAdministrator = static user => user == Name, KeptFor = TimeSpan.FromMinutes(4) };

    public async Task LiveAsync()
    {
        while (!world.Faults.HaveEnded)
        {
            await Task.Delay(dice.Milliseconds(300, 6_000), world.Time);
            if (world.Faults.HaveEnded)
            {
                return;
            }

            var action = kept.Count == 0 || dice.Chance(0.3) ? MakeAsync()
                : world.Scenario.HasSideProjects && dice.Chance(0.3) ? DeleteAsync()
                : RestoreAsync();
            world.Spawn(action, "an archive");
        }
    }

    /// <summary>Deletes a project that was restored to the id of a deleted one. It belongs to the administrator.</summary>
    private async Task DeleteAsync()
    {
        var project = dice.Pick(world.SideProjects.All);
        if (world.Cluster.Pick() is not { } instance)
        {
            return;
        }

        try
        {
            var result = await world.SideProjects.DeleteAsync(instance, Name, project);
            world.Trace.Note($"instance {instance.Number}: deletion of {project}: {result}");
        }
        catch (Exception exception) when (exception is StorageException or GatewayException)
        {
            world.Trace.Note($"instance {instance.Number}: deletion of {project}: {exception.Message}");
        }
    }

    /// <summary>Makes an archive, downloads its parts, and keeps the dataset that the log has at its revision.</summary>
    private async Task MakeAsync()
    {
        var project = dice.Pick(world.Projects);
        string? name = null;
        var made = await RepeatAsync(
            $"archive of {project}",
            async administration =>
            {
                var result = name is null
                    ? await administration.BeginAsync(Name, project, CancellationToken.None)
                    : await administration.ContinueAsync(Name, project, name, CancellationToken.None);
                name = (result as ArchiveResult.Described)?.Status.Name ?? name;
                return result;
            }
        );
        if (made is not ArchiveResult.Described { Status: { IsComplete: true } status })
        {
            return;
        }

        var parts = new List<ReadOnlyMemory<byte>>();
        for (var number = 1; number <= status.Parts; number++)
        {
            var read = await RepeatAsync(
                $"part {number} of {name}",
                administration => administration.ReadPartAsync(Name, project, status.Name, number, CancellationToken.None)
            );
            if (read is not ArchiveResult.Part part)
            {
                return;
            }

            parts.Add(part.Bytes);
        }

        kept.Add(new Kept(project, status.Revision, parts, Replay.Fold(world, project, status.Revision)));
        await RepeatAsync($"removal of {name}", administration => administration.RemoveAsync(Name, project, status.Name, CancellationToken.None));
    }

    private async Task RestoreAsync()
    {
        var archive = dice.Pick(kept);
        var target = world.Scenario.HasSideProjects && dice.Chance(0.6) ? dice.Pick(world.SideProjects.All) : dice.Pick(world.Projects);
        var request = new RestoreRequest("Restored", dice.Chance(0.2), Replace: dice.Chance(0.9), Digest: null);
        var what = $"restore of {archive.Source} at {archive.Revision} as {target}";
        if (
            await RepeatAsync(what, administration => administration.BeginUploadAsync(Name, target, CancellationToken.None))
            is not ArchiveResult.Described { Status.Name: var name }
        )
        {
            return;
        }

        for (var number = 1; number <= archive.Parts.Count; number++)
        {
            var part = archive.Parts[number - 1];
            if (
                await RepeatAsync(what, administration => administration.WritePartAsync(Name, target, name, number, part, CancellationToken.None))
                is not ArchiveResult.Done
            )
            {
                return;
            }
        }

        var result = await RepeatAsync(what, administration => administration.RestoreAsync(Name, target, name, request, CancellationToken.None));
        world.Trace.Note($"{what}: {result}");
        if (result is ArchiveResult.Restored restored)
        {
            Check(what, archive, target, restored.Revision);
        }

        await RepeatAsync($"removal of {name}", administration => administration.RemoveUploadAsync(Name, target, name, CancellationToken.None));
    }

    /// <summary>P5: the restored project has the dataset of the archived revision.</summary>
    private void Check(string what, Kept archive, ProjectId target, long revision)
    {
        if (!world.Vault.Ledger.Of(target).Periods.Any(period => period.Anchor == revision))
        {
            world.Violate("P1 total order", $"{what} is said to be at {revision}, but no log begins there");
        }
        else if (!Replay.Fold(world, target, revision).AsSpan().SequenceEqual(archive.Dataset))
        {
            world.Violate("P5 convergence", $"{what} has another dataset at {revision} than was archived");
        }
    }

    /// <summary>Asks random instances until one gives a final answer; null when none does.</summary>
    private async Task<ArchiveResult?> RepeatAsync(string what, Func<ArchiveAdministration, Task<ArchiveResult>> ask)
    {
        for (var attempt = 1; attempt <= AttemptsMax; attempt++)
        {
            if (world.Cluster.Pick() is { } instance)
            {
                try
                {
                    var result = await ask(instance.Archives);
                    world.Trace.Note($"instance {instance.Number}: {what}: {result}");
                    if (result is not (ArchiveResult.Unavailable or ArchiveResult.Described { Status.IsComplete: false, Status.Parts: > 0 }))
                    {
                        return result;
                    }
                }
                catch (Exception exception) when (exception is StorageException or GatewayException)
                {
                    world.Trace.Note($"instance {instance.Number}: {what}: {exception.Message}");
                }
            }

            await Task.Delay(dice.Milliseconds(200, 3_000), world.Time);
        }

        return null;
    }

    /// <summary>A downloaded archive.</summary>
    /// <param name="Source">The archived project.</param>
    /// <param name="Revision">The archived revision.</param>
    /// <param name="Parts">Its parts.</param>
    /// <param name="Dataset">The dataset at that revision, computed from the log.</param>
    private sealed record Kept(ProjectId Source, long Revision, IReadOnlyList<ReadOnlyMemory<byte>> Parts, byte[] Dataset);
}
