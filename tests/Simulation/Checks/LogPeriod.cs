namespace ServerlessSync.Simulation.Checks;

/// <summary>What the log of a project begins with: its first dataset, or a restore from an archive.</summary>
/// <param name="Anchor">The number after which the log begins; 0 for the first dataset.</param>
/// <param name="Base">What resets go back to, as it is stored.</param>
/// <param name="State">What the first entry is applied to, as it is stored.</param>
/// <param name="Time">When it became durable.</param>
internal sealed record LogPeriod(long Anchor, ReadOnlyMemory<byte> Base, ReadOnlyMemory<byte> State, TimeSpan Time);
