namespace ServerlessSync.Simulation.Checks;

/// <summary>A broken promise.</summary>
/// <param name="Promise">Its name (docs/promises.md).</param>
/// <param name="Text">What was observed.</param>
/// <param name="Time">The virtual time.</param>
internal sealed record Violation(string Promise, string Text, TimeSpan Time);
