namespace ServerlessSync.Simulation.Checks;

/// <summary>A beginning of a project's log: its creation, or a restore from an archive.</summary>
/// <param name="Anchor">The revision after which the log begins; 0 for its creation.</param>
/// <param name="Base">The base dataset, to which resets return, as stored.</param>
/// <param name="State">The state to which the first entry applies, as stored.</param>
/// <param name="Time">When it became durable.</param>
internal sealed record LogPeriod(long Anchor, ReadOnlyMemory<byte> Base, ReadOnlyMemory<byte> State, TimeSpan Time);
