namespace ServerlessSync.Simulation.Mutants;

/// <summary>
/// The planted defects. Each breaks one thing that a promise rests on; each must be noticed within 1,000 seeds. What was tried and is
/// no defect, because something else keeps the promise as well, is in the README of this folder's project.
/// </summary>
internal static class MutantSet
{
    public static IReadOnlyList<Mutant> All { get; } =
    [
        .. CommitMutants.All,
        .. MemoryMutants.All,
        .. IdentityMutants.All,
        .. PublishMutants.All,
        .. JoinMutants.All,
        .. WindowMutants.All,
        .. PresenceMutants.All,
        .. ProjectMutants.All,
        .. ArchiveMutants.All,
    ];

    /// <summary>Those that the names choose; all when there are none.</summary>
    /// <exception cref="ArgumentException">There is no mutant of a name.</exception>
    public static IReadOnlyList<Mutant> Choose(IReadOnlyList<string> names)
    {
        var unknown = names.Where(static name => !All.Any(mutant => mutant.Name == name)).ToList();
        return unknown.Count > 0
            ? throw new ArgumentException(
                $"There is no mutant {string.Join(", ", unknown)}. There are: {string.Join(", ", All.Select(static mutant => mutant.Name))}.",
                nameof(names)
            )
            : names.Count == 0 ? All : [.. All.Where(mutant => names.Contains(mutant.Name))];
    }
}
