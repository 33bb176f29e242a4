using ServerlessSync.Core.Identity;

namespace ServerlessSync.WebPubSub.Tests.StandIn.Support;

/// <summary>Ids in a known order.</summary>
internal sealed class CountingIds : IIdSource
{
    private int last;

    public string NewId() => $"id{Interlocked.Increment(ref last):D4}";

    public double NextDouble() => 0.5;
}
