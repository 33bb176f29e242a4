namespace ServerlessSync.Core.Model;

/// <summary>
/// When two ids name the same record of a store. Every commit states the rule under which it was decided and is always
/// folded by that rule: the identity of a record must not change afterwards.
/// </summary>
public enum IdentityRule
{
    /// <summary>The number 1 and the string "1" name two records. Commits that state no rule follow this one.</summary>
    ByType = 0,

    /// <summary>
    /// Ids with the same string form name the same record, as in the clients' stores, which are keyed by string
    /// (docs/protocol-facts.md#identity-of-records).
    /// </summary>
    ByForm = 1,
}
