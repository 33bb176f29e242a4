using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;
using ServerlessSync.Simulation.Checks;

namespace ServerlessSync.Simulation.Cluster;

/// <summary>
/// An administrator who makes archives of the projects that people work in, and restores them: into such projects, and under ids of others that
/// are deleted, are being deleted, or were never there.
/// </summary>
internal sealed class Archivist(World world, Dice dice)
{
    private const string Name = "ada";

    /// <summary>How often a request that could not be carried out is repeated: it meets dead processes and work that others have begun.</summary>
    private const int AttemptsMax = 8;

    private readonly List<Kept> kept = [];

    /// <summary>Who administers, and times that matter in a run of minutes.</summary>
    public static ArchiveOptions Options { get; } =
        new() { IsAdministrator = static user => user == Name, KeptFor = TimeSpan.FromMinutes(4) };

    public async Task LiveAsync()
    {
        while (!world.Faults.IsResynced)
        {
            await Task.Delay(dice.Milliseconds(300, 6_000), world.Time);
            if (world.Faults.IsResynced)
            {
                return;
            }

            var deed = kept.Count == 0 || dice.Chance(0.3) ? MakeAsync()
                : world.Scenario.HasSideProjects && dice.Chance(0.3) ? DeleteAsync()
                : RestoreAsync();
            world.Spawn(deed, "an archive");
        }
    }

    /// <summary>Deletes what was restored under an id of a deleted project, which belongs to the administrator.</summary>
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

    /// <summary>Makes an archive, fetches its parts, and notes what the log says of its revision.</summary>
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

    /// <summary>P5: a project that was restored holds at that number what the log said of the archived revision.</summary>
    private void Check(string what, Kept archive, ProjectId target, long revision)
    {
        if (!world.Vault.Ledger.Of(target).Periods.Any(period => period.Anchor == revision))
        {
            world.Violate("P1 total order", $"{what} is said to be at {revision}, where nothing begins");
        }
        else if (!Replay.Fold(world, target, revision).AsSpan().SequenceEqual(archive.Dataset))
        {
            world.Violate("P5 convergence", $"{what} holds something else at {revision} than was archived");
        }
    }

    /// <summary>Asks one process after the other until there is an answer that stands.</summary>
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

    /// <summary>An archive that was fetched.</summary>
    /// <param name="Source">Of which project.</param>
    /// <param name="Revision">At which revision.</param>
    /// <param name="Parts">Its parts.</param>
    /// <param name="Dataset">What the log says of that revision.</param>
    private sealed record Kept(ProjectId Source, long Revision, IReadOnlyList<ReadOnlyMemory<byte>> Parts, byte[] Dataset);
}
