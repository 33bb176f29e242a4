namespace ServerlessSync.Simulation.Performance;

/// <summary>What a run costs: requests as their receivers count them.</summary>
internal sealed record LoadCounts
{
    /// <summary>Entity group transactions that were carried out.</summary>
    public long Transactions { get; set; }

    /// <summary>Entity group transactions that lost a race; they are requests too.</summary>
    public long LostTransactions { get; set; }

    /// <summary>Entities in all transactions, the lost ones included.</summary>
    public long Entities { get; set; }

    public long PointReads { get; set; }

    public long Queries { get; set; }

    /// <summary>Rows that queries returned.</summary>
    public long RowsRead { get; set; }

    /// <summary>REST calls to Web PubSub.</summary>
    public long RestCalls { get; set; }

    /// <summary>Frames to browsers: one for each receiver.</summary>
    public long Frames { get; set; }

    /// <summary>The same in units of 2 KB, each frame rounded up, which is how Web PubSub bills them.</summary>
    public long FrameUnits { get; set; }

    /// <summary>Requests of Web PubSub to the event handler, redeliveries included.</summary>
    public long Events { get; set; }

    public long Commits { get; set; }

    public long Revisions { get; set; }

    /// <summary>Events that were answered with 503, and so delivered again.</summary>
    public long TurnedAway { get; set; }

    /// <summary>Changes that were answered with a dataset.</summary>
    public long Resynced { get; set; }

    /// <summary>Leases that were taken from a holder that seemed dead.</summary>
    public long TakeOvers { get; set; }

    /// <summary>Frames that a client had before; it ignores them.</summary>
    public long Repeats { get; set; }

    /// <summary>What was counted since an earlier moment.</summary>
    public LoadCounts Since(LoadCounts before) =>
        new()
        {
            Transactions = Transactions - before.Transactions,
            LostTransactions = LostTransactions - before.LostTransactions,
            Entities = Entities - before.Entities,
            PointReads = PointReads - before.PointReads,
            Queries = Queries - before.Queries,
            RowsRead = RowsRead - before.RowsRead,
            RestCalls = RestCalls - before.RestCalls,
            Frames = Frames - before.Frames,
            FrameUnits = FrameUnits - before.FrameUnits,
            Events = Events - before.Events,
            Commits = Commits - before.Commits,
            Revisions = Revisions - before.Revisions,
            TurnedAway = TurnedAway - before.TurnedAway,
            Resynced = Resynced - before.Resynced,
            TakeOvers = TakeOvers - before.TakeOvers,
            Repeats = Repeats - before.Repeats,
        };
}
