namespace ServerlessSync.Simulation.Checks;

/// <summary>What a run did, so that a run that does nothing does not look like one that is right.</summary>
internal sealed class Figures
{
    public long Submitted { get; set; }

    public long Accepted { get; set; }

    public long Echoed { get; set; }

    public long Resynced { get; set; }

    public long Datasets { get; set; }

    public long Resets { get; set; }

    /// <summary>Those of the resets that went back to an earlier revision.</summary>
    public long Restores { get; set; }

    /// <summary>Restores from archives, into projects that were there and into ids of deleted ones.</summary>
    public long Archives { get; set; }

    /// <summary>Contents of versions that were read by those who may.</summary>
    public long Versions { get; set; }

    /// <summary>Times that a log was made to begin later.</summary>
    public long Compactions { get; set; }

    public long Drops { get; set; }

    public long Repeats { get; set; }

    /// <summary>Own clients of the seed's kind that were stopped by a late event of a connection that they had left: see the README.</summary>
    public long Tolerated { get; set; }

    /// <summary>Changes that were refused as perhaps older than a dataset.</summary>
    public long Refused { get; set; }

    /// <summary>Times that a client stopped; each must be followed by a dataset.</summary>
    public long Stumbles { get; set; }

    /// <summary>Revisions that reached a connection before its first dataset.</summary>
    public long Early { get; set; }

    /// <summary>Projects that only a sweep published.</summary>
    public long Swept { get; set; }

    /// <summary>
    /// The longest time from sending a change to being told what became of it, while connected. Events of a connection go one after the
    /// other, so it holds the turns of all that was sent before.
    /// </summary>
    public TimeSpan LongestWait { get; private set; }

    /// <summary>The longest time from the first delivery of a client's event to its answer, or the end of its connection.</summary>
    public TimeSpan LongestTurn { get; private set; }

    /// <summary>The run with the longest turn.</summary>
    public int LongestTurnSeed { get; set; }

    /// <summary>The same, over events that were answered before anything had gone wrong.</summary>
    public TimeSpan LongestHealthyTurn { get; private set; }

    public void NoteTurn(TimeSpan turn, bool isHealthy)
    {
        LongestTurn = Max(turn, LongestTurn);
        LongestHealthyTurn = isHealthy ? Max(turn, LongestHealthyTurn) : LongestHealthyTurn;
    }

    public void NoteWait(TimeSpan wait) => LongestWait = Max(wait, LongestWait);

    public void Add(Figures other)
    {
        LongestTurnSeed = other.LongestTurn > LongestTurn ? other.LongestTurnSeed : LongestTurnSeed;
        NoteTurn(other.LongestTurn, isHealthy: false);
        NoteTurn(other.LongestHealthyTurn, isHealthy: true);
        Submitted += other.Submitted;
        Accepted += other.Accepted;
        Echoed += other.Echoed;
        Resynced += other.Resynced;
        Datasets += other.Datasets;
        Resets += other.Resets;
        Restores += other.Restores;
        Archives += other.Archives;
        Compactions += other.Compactions;
        Versions += other.Versions;
        Drops += other.Drops;
        Repeats += other.Repeats;
        Tolerated += other.Tolerated;
        Refused += other.Refused;
        Stumbles += other.Stumbles;
        Early += other.Early;
        Swept += other.Swept;
        NoteWait(other.LongestWait);
    }

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
