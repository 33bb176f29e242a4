using ServerlessSync.Core.Log;

namespace ServerlessSync.Core.Engine.Leasing;

/// <summary>What one write of the head changes. What it does not name stays as it is.</summary>
internal sealed record HeadPatch
{
    /// <summary>What happens to the lease.</summary>
    public LeaseChange Lease { get; init; }

    /// <summary>Whether the group gets its next generation, so that sends to the present one no longer reach any member.</summary>
    public bool AdvancesGeneration { get; init; }

    /// <summary>Whether the groups of generations before the present one are empty.</summary>
    public bool DropsOlderGenerations { get; init; }

    /// <summary>The last revision that was sent to the group.</summary>
    public long? Published { get; init; }

    /// <summary>The snapshot from which the state is loaded from now on.</summary>
    public string? SnapshotKey { get; init; }

    /// <summary>When the dataset of the last reset or restore was sent to the group.</summary>
    public DateTimeOffset? ReplacedAt { get; init; }

    /// <summary>The version of the access list.</summary>
    public long? AccessVersion { get; init; }

    /// <summary>The version of the access list that the members of the group satisfy.</summary>
    public long? AccessEnforcedVersion { get; init; }

    /// <summary>The head that follows.</summary>
    /// <param name="head">The head that is replaced.</param>
    /// <param name="engine">The engine that writes.</param>
    /// <param name="revision">The last revision of the commit that is written with it.</param>
    public Head ApplyTo(Head head, string engine, long revision)
    {
        var leased = Lease switch
        {
            LeaseChange.Take => head.TakenBy(engine),
            LeaseChange.Renew => head with { LeaseTerm = head.LeaseTerm + 1 },
            LeaseChange.Release => head.Released(),
            LeaseChange.Request => head with { LeaseWanted = engine },
            _ => head,
        };
        return leased with
        {
            Revision = revision,
            Published = Published ?? head.Published,
            Generation = head.Generation + (AdvancesGeneration ? 1 : 0),
            OldestGeneration = DropsOlderGenerations ? head.Generation : head.OldestGeneration,
            SnapshotKey = SnapshotKey ?? head.SnapshotKey,
            ReplacedAt = ReplacedAt ?? head.ReplacedAt,
            AccessVersion = AccessVersion ?? head.AccessVersion,
            AccessEnforcedVersion = Math.Max(head.AccessEnforcedVersion, AccessEnforcedVersion ?? 0),
        };
    }
}

/// <summary>What a head write does to the lease.</summary>
internal enum LeaseChange
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The writing engine takes it.</summary>
    Take,

    /// <summary>Its term goes up, so that observers see that the holder is alive.</summary>
    Renew,

    /// <summary>It goes to the engine that asked for it, or becomes free.</summary>
    Release,

    /// <summary>The writing engine asks for it.</summary>
    Request,
}

/// <summary>The outcome of a head write.</summary>
internal enum HeadWrite
{
    /// <summary>It is stored.</summary>
    Written,

    /// <summary>Another engine wrote the head first.</summary>
    Lost,

    /// <summary>The answer was lost; only reading the head tells.</summary>
    Unknown,
}
