using System.Collections.Immutable;
using ServerlessSync.Core.Engine;
using ServerlessSync.Simulation.Faults;

namespace ServerlessSync.Simulation;

/// <summary>The sizes and the faults of one run. All of it follows from the seed, unless a search shrinks it.</summary>
internal sealed record Scenario(
    int Seed,
    int Instances,
    int Clients,
    int Steps,
    int Projects,
    double FaultRate,
    ImmutableSortedSet<FaultKind> Faults
)
{
    /// <summary>Options of the engine; some differ from the defaults, so that rare paths are common.</summary>
    public SequencerOptions Options { get; init; } = new();

    /// <summary>Whether ready callbacks run in random order instead of first come, first served.</summary>
    public bool Shuffles { get; init; }

    /// <summary>The longest pause of a user between two actions.</summary>
    public TimeSpan ThinkMax { get; init; }

    /// <summary>Whether rights are granted and revoked while users work.</summary>
    public bool ChangesRights { get; init; }

    /// <summary>Whether an owner restores earlier revisions while users work.</summary>
    public bool Restores { get; init; }

    /// <summary>The age at which revisions are removed; null when all are kept.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>The storm that strikes from time to time; null in a third of the runs.</summary>
    public Storm? Storm { get; init; }

    /// <summary>Whether all pages disconnect at the end, so that no client causes a recovery.</summary>
    public bool GoesHome { get; init; }

    /// <summary>Whether all pages have our own client, which resends unanswered changes.</summary>
    public bool OwnPages { get; init; }

    /// <summary>Whether projects are created, shared and deleted while users work in others.</summary>
    public bool HasSideProjects { get; init; }

    /// <summary>Whether archives are made and restored, into projects that users work in and to ids of deleted ones.</summary>
    public bool HasArchives { get; init; }

    /// <summary>
    /// The age at which a job on a project counts as abandoned. Some jobs take longer in a storm, so a slow instance meets a sweep that took it for
    /// dead.
    /// </summary>
    public static readonly TimeSpan JobsAbandonedAfter = TimeSpan.FromSeconds(10);

    /// <summary>The percentage of malformed changes.</summary>
    public int Broken { get; init; }

    public bool Has(FaultKind kind) => Faults.Contains(kind);

    public static Scenario Of(int seed)
    {
        var dice = new Dice((ulong)seed * 7919 + 17);
        var history = new Dice(((ulong)seed * 104_729) + 31);
        var weather = new Dice(((ulong)seed * 15_485_863) + 7);
        var sides = new Dice(((ulong)seed * 32_452_843) + 11);
        var archives = new Dice(((ulong)seed * 86_028_121) + 13);
        var storm = weather.Chance(0.65) ? weather.Pick(Storm.All) : null;
        var memory = new Dice(((ulong)seed * 32_452_843) + 3);
        var kinds = Enum.GetValues<FaultKind>();
        var share = dice.Pick([0.0, 0.15, 0.3, 0.6, 1.0]);
        var faults = kinds.Where(_ => dice.Chance(share)).ToImmutableSortedSet();
        return new Scenario(
            seed,
            Instances: dice.Pick([1, 2, 2, 3, 3, 4, 6]),
            Clients: dice.Between(2, 6),
            Steps: dice.Between(4, 14),
            Projects: dice.Pick([1, 1, 2]),
            FaultRate: dice.Pick([0.005, 0.01, 0.03, 0.06]),
            faults
        )
        {
            HasSideProjects = sides.Chance(0.25),
            HasArchives = archives.Chance(0.25),
            Restores = history.Chance(0.3),
            Retention = history.Chance(0.4) ? TimeSpan.FromSeconds(history.Pick([5, 15, 40])) : null,
            Storm = storm,
            GoesHome = weather.Chance(Brings(storm, FaultKind.ServiceDown) ? 0.7 : 0.2),
            OwnPages = weather.Chance(0.2),
            Broken = Brings(storm, FaultKind.CallCut) ? 30 : weather.Pick([2, 2, 20]),
            ChangesRights = dice.Chance(0.3),
            Shuffles = dice.Chance(0.5),
            ThinkMax = TimeSpan.FromMilliseconds(dice.Pick([30, 200, 1500, 4000])),
            Options = new SequencerOptions
            {
                // Enough for everything, for little more than two projects, and for barely two.
                StateBytesMax = memory.Pick([1 << 30, 1 << 30, 1 << 30, 192 * 1024, 112 * 1024]),
                SnapshotEntries = dice.Pick([3, 8, 1000]),
                SnapshotInterval = TimeSpan.FromSeconds(dice.Pick([1, 60])),
                CommitEntriesMax = dice.Pick([2, 1000, 1000]),
                IdleTime = TimeSpan.FromSeconds(dice.Pick([3, 300, 300])),
            },
        };
    }

    private static bool Brings(Storm? storm, FaultKind kind) => storm is not null && storm.Kinds.Contains(kind);

    public override string ToString() =>
        $"seed {Seed}: {Instances} instances, {Clients} clients, {Steps} steps, {Projects} projects, rate {FaultRate}, faults {string.Join(' ', Faults)}, storm {Storm?.Name ?? "none"}{(GoesHome ? ", all go home" : "")}";
}
