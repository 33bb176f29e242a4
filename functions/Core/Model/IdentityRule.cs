namespace ServerlessSync.Core.Model;

/// <summary>
/// When two ids name one record of a store. Every commit states the rule that it was decided under, and is folded by that rule for ever:
/// what a record is must not change after the fact.
/// </summary>
public enum IdentityRule
{
    /// <summary>The number 1 and the string "1" are two records. The rule of commits that state none.</summary>
    ByType = 0,

    /// <summary>
    /// Ids of one string form name one record, as in the clients' registers, which are keyed by string
    /// (docs/protocol-facts.md#identity-of-records).
    /// </summary>
    ByForm = 1,
}
