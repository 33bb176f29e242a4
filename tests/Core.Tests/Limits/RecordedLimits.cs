using ServerlessSync.Core.Limits;

namespace ServerlessSync.Core.Tests.Limits;

/// <summary>Records the limits that were reached, in order.</summary>
internal sealed class RecordedLimits : ILimitObserver
{
    public List<(LimitKind Kind, LimitAction Action)> Reached { get; } = [];

    public void LimitReached(LimitKind kind, LimitAction action) => Reached.Add((kind, action));
}
