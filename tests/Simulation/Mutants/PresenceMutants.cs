namespace ServerlessSync.Simulation.Mutants;

/// <summary>Defects of the list of people.</summary>
internal static class PresenceMutants
{
    private const string Loop = "Presence/PresenceLoop.cs";
    private const string Reconciliation = "Presence/PresenceReconciliation.cs";

    public static IReadOnlyList<Mutant> All { get; } =
    [
        new(
            "ghosts-stay",
            "who is gone without a word stays in the list",
            new MutantEdit(Reconciliation, "now - row.Entered >= options.Grace", "now - row.Entered < TimeSpan.Zero")
        ),
        new(
            "living-are-removed",
            "reconciliation takes everybody for gone",
            new MutantEdit(Reconciliation, "!alive.Contains(row.Connection)\n", "row.Connection.Value.Length > 0\n"),
            new MutantEdit(Reconciliation, "&& row.Missed is { } missed\n        && now - missed >= options.MissInterval", "")
        ),
        new(
            "list-before-row",
            "the list that is sent was read before the change that it announces",
            new MutantEdit(
                Loop,
                "change = lease.Head.Changes;\n            rows = await table.ReadRowsAsync(PresenceLimits.ListedMax + 1, CancellationToken.None);",
                "rows = await table.ReadRowsAsync(PresenceLimits.ListedMax + 1, CancellationToken.None); await lease.RefreshAsync();\n            change = lease.Head.Changes;"
            )
        ),
        new(
            "list-left-to-the-dead",
            "nobody sends the list that a dead holder of the lease owes",
            new MutantEdit("Presence/PresenceLease.cs", "Head.IsFree || Holds || HasLapsed", "Head.IsFree || Holds")
        ),
        new(
            "failed-list-is-sent",
            "a list that could not be sent counts as sent",
            new MutantEdit(Loop, "if (await announcer.ListAsync(listed, isCut))", "if (await announcer.ListAsync(listed, isCut) || true)")
        ),
    ];
}
