using ServerlessSync.Core.Engine;

namespace ServerlessSync.Simulation.Performance;

/// <summary>One run of the model: how many of what, and how long everything takes.</summary>
/// <param name="Instances">Processes; each event goes to a random one.</param>
/// <param name="Clients">Clients of one project; each edits again as soon as its own revision is back.</param>
/// <param name="LatencyMin">The shortest time of a storage request or REST call.</param>
/// <param name="LatencyMax">The longest.</param>
internal sealed record LoadCase(int Instances, int Clients, TimeSpan LatencyMin, TimeSpan LatencyMax)
{
    /// <summary>Every event's way from the browser to an instance, and every frame's way back (the same data centre's neighbourhood).</summary>
    public static readonly TimeSpan HopMin = TimeSpan.FromMilliseconds(1);

    public static readonly TimeSpan HopMax = TimeSpan.FromMilliseconds(4);

    public int Seed { get; init; } = 1;

    /// <summary>Virtual time that is measured, after <see cref="WarmUp"/>.</summary>
    public TimeSpan Measured { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Virtual time until the first edits, all made at once, have spread.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest pause of a client between two edits; all lengths below it are as likely.</summary>
    public TimeSpan ThinkMax { get; init; }

    public SequencerOptions Options { get; init; } = new() { StateBytesMax = 1L << 40 };

    /// <summary>The same with nothing but the fence: losers of a race try again until they win or are turned away.</summary>
    public LoadCase WithoutInbox() => this with { Options = Options with { ForwardAfter = int.MaxValue } };
}
