using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Archives;

/// <summary>Removes expired archives from a container.</summary>
internal sealed class ArchiveRetention(IArchiveContainer container, ArchiveScheduleOptions options, TimeProvider time)
{
    /// <summary>
    /// Removes the expired archives of a project. The newest ones are kept whatever their age, so an archive is removed only after newer ones are complete.
    /// Blobs whose names <see cref="ArchiveName"/> did not write are left alone.
    /// </summary>
    public async Task PruneAsync(ProjectId project, CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow() - options.KeepFor;
        var newestFirst = (await ListAsync(project, cancellationToken)).OrderDescending(StringComparer.Ordinal);
        foreach (var name in newestFirst.Skip(options.KeepCount).Where(name => ArchiveName.TimeOf(name) < before))
        {
            await container.RemoveAsync(name, cancellationToken);
        }
    }

    /// <summary>Removes all archives of a project.</summary>
    public async Task ClearAsync(ProjectId project, CancellationToken cancellationToken)
    {
        foreach (var name in await ListAsync(project, cancellationToken))
        {
            await container.RemoveAsync(name, cancellationToken);
        }
    }

    private async Task<List<string>> ListAsync(ProjectId project, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (var name in container.ListAsync(ArchiveName.PrefixOf(project), cancellationToken))
        {
            if (ArchiveName.TimeOf(name) is not null)
            {
                names.Add(name);
            }
        }

        return names;
    }
}
