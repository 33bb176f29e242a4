using static ServerlessSync.Simulation.Mutants.MutantPlace;

namespace ServerlessSync.Simulation.Mutants;

/// <summary>Defects of telling records apart.</summary>
internal static class IdentityMutants
{
    public static IReadOnlyList<Mutant> All { get; } =
    [
        new(
            "identity-by-type",
            "an edit that names a record by an id of the other JSON type is not folded, though clients apply it",
            In("RecordStore", "Locate").Replace("rule == IdentityRule.ByForm && FindByForm(id) is { } record ? record.Id : id", "id")
        ),
        new(
            "links-by-type",
            "a link whose end is of the other JSON type is not served, though clients follow it",
            In("ClientJson", "FindTask").Replace(
                "_tasks?.FindByForm(id) ?? _events?.FindByForm(id)",
                "_tasks?.Find(id) ?? _events?.Find(id)"
            )
        ),
        new(
            "commit-without-rule",
            "who loads folds commits by an older rule than they were decided under",
            In("CommitCodec", "ToRows").Replace(
                "[RuleProperty] = (long)commit.Entries[0].Rule",
                "[RuleProperty] = (long)IdentityRule.ByType"
            )
        ),
    ];
}
