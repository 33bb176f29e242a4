using ServerlessSync.Core.Model;

namespace ServerlessSync.Support.Time;

/// <summary>Ids and jitter that one seed determines.</summary>
public sealed class SeededIds(int seed) : IIdSource
{
    private readonly Random random = new(seed);
    private int count;

    /// <inheritdoc/>
    public string NewId() => $"id{seed}x{++count}";

    /// <inheritdoc/>
#pragma warning disable CA5394 // Repeatable on purpose.
    public double NextDouble() => random.NextDouble();
#pragma warning restore CA5394
}
