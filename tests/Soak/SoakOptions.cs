namespace ServerlessSync.Soak;

/// <summary>What to run.</summary>
internal sealed record SoakOptions
{
    public const int MinutesMax = 7 * 24 * 60;
    public const int ProcessesMax = 8;
    public const int EditorsMax = 200;
    public const double FaultsMax = 20;
    public const int KillEveryMax = 3_600;

    public required double Minutes { get; init; }

    /// <summary>Processes of the product.</summary>
    public required int Processes { get; init; }

    /// <summary>Editors of each of the two projects.</summary>
    public required int Editors { get; init; }

    /// <summary>Percent of the requests between emulator and product that meet a fault.</summary>
    public required double Faults { get; init; }

    /// <summary>Seconds between kills; 0 for none.</summary>
    public required int KillEvery { get; init; }

    /// <summary>A Table Storage connection string; null for a SQLite file.</summary>
    public required string? Storage { get; init; }

    public required int Seed { get; init; }
}
