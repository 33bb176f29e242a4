using System.Collections.Immutable;
using ServerlessSync.Core.Engine;
using ServerlessSync.Simulation.Faults;

namespace ServerlessSync.Simulation;

/// <summary>The sizes of one run and what may go wrong in it; all of it follows from the seed unless a search makes it smaller.</summary>
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
    /// <summary>Numbers of the sequencer that differ from its defaults, so that rare paths are common.</summary>
    public SequencerOptions Options { get; init; } = new();

    /// <summary>Whether ready callbacks run in an order that the seed decides, instead of first come first served.</summary>
    public bool Shuffles { get; init; }

    /// <summary>The longest pause of a person between two actions.</summary>
    public TimeSpan ThinkMax { get; init; }

    /// <summary>Whether rights are given and taken away while people work.</summary>
    public bool ChangesRights { get; init; }

    /// <summary>Whether an owner goes back to earlier revisions while people work.</summary>
    public bool Restores { get; init; }

    /// <summary>The age at which revisions are removed; null when they all stay.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>What comes over the run from time to time; null in most runs.</summary>
    public Storm? Storm { get; init; }

    /// <summary>Whether everybody goes home at the end, so that nobody comes who would set things right.</summary>
    public bool GoesHome { get; init; }

    /// <summary>Whether all pages are those of our own client, which sends again what was not answered.</summary>
    public bool OwnPages { get; init; }

    /// <summary>Whether projects are made, shared and deleted while people work in others.</summary>
    public bool HasSideProjects { get; init; }

    /// <summary>Whether archives are made, and restored into projects that people work in, and under ids of deleted ones.</summary>
    public bool HasArchives { get; init; }

    /// <summary>
    /// When work on a whole project counts as given up: shorter than some of it takes in a storm, so that whoever is only slow meets a
    /// sweep that took it for dead.
    /// </summary>
    public static readonly TimeSpan JobsAbandonedAfter = TimeSpan.FromSeconds(10);

    /// <summary>How many changes in a hundred are malformed.</summary>
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
                // Room for everything, for two projects and little else, for hardly two.
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
