namespace ServerlessSync.Simulation.Checks;

/// <summary>Counts what a run did, so that a run that does nothing is not taken for a correct one.</summary>
internal sealed class Figures
{
    public long Submitted { get; set; }

    public long Accepted { get; set; }

    public long Echoed { get; set; }

    public long Resynced { get; set; }

    public long Datasets { get; set; }

    public long Resets { get; set; }

    /// <summary>The resets that were restores of an earlier revision.</summary>
    public long Restores { get; set; }

    /// <summary>Restores from archives, into existing projects and into ids of deleted ones.</summary>
    public long Archives { get; set; }

    /// <summary>Contents of versions that authorised users read.</summary>
    public long Versions { get; set; }

    /// <summary>Compactions of a log.</summary>
    public long Compactions { get; set; }

    public long Drops { get; set; }

    public long Repeats { get; set; }

    /// <summary>Pages of Bryntum's client that a late own revision put out of step; see "Where the checks look away" in the README.</summary>
    public long Tolerated { get; set; }

    /// <summary>Changes that were refused because they may be older than the author's dataset.</summary>
    public long Refused { get; set; }

    /// <summary>How often a client stopped. A dataset must follow each time.</summary>
    public long Stumbles { get; set; }

    /// <summary>Revisions that reached a connection before a dataset that it awaits.</summary>
    public long Early { get; set; }

    /// <summary>Projects that only a sweep published.</summary>
    public long Swept { get; set; }

    /// <summary>
    /// The longest time from sending a change to learning its outcome, while connected. The events of a connection are handled one at a time, so it
    /// includes the turns of earlier events.
    /// </summary>
    public TimeSpan LongestWait { get; private set; }

    /// <summary>The longest time from the first delivery of a client's event to its answer, or the end of its connection.</summary>
    public TimeSpan LongestTurn { get; private set; }

    /// <summary>The run with the longest turn.</summary>
    public int LongestTurnSeed { get; set; }

    /// <summary>The longest turn among events that were answered before the first fault.</summary>
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
