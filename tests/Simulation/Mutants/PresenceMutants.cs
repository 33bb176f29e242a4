using static ServerlessSync.Simulation.Mutants.MutantPlace;

namespace ServerlessSync.Simulation.Mutants;

/// <summary>Defects of the list of people.</summary>
internal static class PresenceMutants
{
    public static IReadOnlyList<Mutant> All { get; } =
    [
        new(
            "ghosts-stay",
            "who is gone without a word stays in the list",
            In("PresenceReconciliation", "IsGone").Replace("now - row.Entered >= options.Grace", "now - row.Entered < TimeSpan.Zero")
        ),
        new(
            "living-are-removed",
            "reconciliation takes everybody for gone",
            In("PresenceReconciliation", "IsGone").Replace("!alive.Contains(row.Connection)", "row.Connection.Value.Length > 0"),
            In("PresenceReconciliation", "IsGone").Remove("&& row.Missed is { } missed && now - missed >= options.MissInterval")
        ),
        new(
            "list-before-row",
            "the list that is sent was read before the change that it announces",
            In("PresenceLoop", "SendListAsync").Replace(
                "change = lease.Head.Changes; rows = await table.ReadRowsAsync(PresenceLimits.ListedMax + 1, CancellationToken.None);",
                "rows = await table.ReadRowsAsync(PresenceLimits.ListedMax + 1, CancellationToken.None); await lease.RefreshAsync(); change = lease.Head.Changes;"
            )
        ),
        new(
            "list-left-to-the-dead",
            "nobody sends the list that a dead holder of the lease owes",
            In("PresenceLease", "MayTake").Replace("Head.IsFree || Holds || HasLapsed", "Head.IsFree || Holds")
        ),
        new(
            "failed-list-is-sent",
            "a list that could not be sent counts as sent",
            In("PresenceLoop", "SendListAsync").Replace(
                "if (await announcer.ListAsync(listed, isCut))",
                "if (await announcer.ListAsync(listed, isCut) || true)"
            )
        ),
    ];
}
