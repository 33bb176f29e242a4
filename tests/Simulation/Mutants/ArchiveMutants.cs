using static ServerlessSync.Simulation.Mutants.MutantPlace;

namespace ServerlessSync.Simulation.Mutants;

/// <summary>Defects of restores from archives, and of deletions that run at the same time.</summary>
internal static class ArchiveMutants
{
    public static IReadOnlyList<Mutant> All { get; } =
    [
        new(
            "restore-forgets-the-tombstone",
            "the numbers of a restored project continue above the archive's, not above those of the project or tombstone that exists",
            In("RestoredHead", "Revision").Replace("Math.Max(known?.Revision ?? 0, manifest.Highest)", "Math.Max(known is null ? 0 : 0, manifest.Highest)")
        ),
        new(
            "restore-in-the-same-generation",
            "a restored project keeps the group of the one that it replaces",
            In("RestoredHead", "Generation").Replace(
                "Math.Max(known.Generation, Math.Min(manifest.Generation, known.Generation + ArchiveLimits.GenerationGap)) + 1",
                "known.Generation"
            )
        ),
        new(
            "reset-after-restore",
            "a page that has not seen the restore of a project from an archive can reset it",
            In("DecidePass", "DecideByRight").Replace("item is ResetItem && head.IsClosingAll", "item is RestoreItem && head.IsClosingAll")
        ),
        new(
            "purge-without-fence",
            "the rows of a deleted project are removed without a write of its head, also when it was restored a moment ago",
            In("ProjectLog", "RemoveAsync").Replace(
                "new TableAction.Replace(RowKeys.Head, next.ToProperties(), head.ETag),",
                ".. keys.Count > 0 ? [] : new TableAction[] { new TableAction.Replace(RowKeys.Head, next.ToProperties(), head.ETag) },"
            )
        ),
    ];
}
