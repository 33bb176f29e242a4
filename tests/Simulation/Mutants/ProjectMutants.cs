using static ServerlessSync.Simulation.Mutants.MutantPlace;

namespace ServerlessSync.Simulation.Mutants;

/// <summary>Defects of making, listing and deleting whole projects.</summary>
internal static class ProjectMutants
{
    public static IReadOnlyList<Mutant> All { get; } =
    [
        new(
            "deletion-without-note",
            "a deletion is not noted before its first step, so that nobody finishes one that broke off",
            In("ProjectAdministration", "DeleteAsync").Replace(
                "await deletion.BeginAsync(project, user, cancellationToken);",
                "ProjectJob.Deletion(project, user);"
            )
        ),
    ];
}
