using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Tests.Presence;

/// <summary>Ids and numbers that one seed determines (SplitMix64).</summary>
internal sealed class SeededIds(long seed) : IIdSource
{
    private ulong state = unchecked((ulong)seed * 0x9E3779B97F4A7C15) + 1;

    public string NewId() => $"{Next():x16}{Next():x16}";

    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number in [0, <paramref name="below"/>).</summary>
    public int Next(int below) => (int)(NextDouble() * below);

    private ulong Next()
    {
        unchecked
        {
            state += 0x9E3779B97F4A7C15;
            var mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            return mixed ^ (mixed >> 31);
        }
    }
}
