namespace ServerlessSync.Simulation.Checks;

/// <summary>A promise that was not kept.</summary>
/// <param name="Promise">Which one (DESIGN section 3).</param>
/// <param name="Text">What was seen.</param>
/// <param name="Time">When, in virtual time.</param>
internal sealed record Violation(string Promise, string Text, TimeSpan Time);
