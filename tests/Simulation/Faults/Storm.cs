using System.Collections.Immutable;

namespace ServerlessSync.Simulation.Faults;

/// <summary>What a storm does to a process when it begins, besides the faults that it brings.</summary>
internal enum Stroke
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Whoever has the lease of a project stands still until it may have lost it.</summary>
    HolderStands,

    /// <summary>Whoever has the lease of a project dies.</summary>
    HolderDies,

    /// <summary>Some process stands still; the others are well.</summary>
    OneStands,
}

/// <summary>
/// Faults that come together: for some seconds a few kinds strike far more often than at other times, and the people at the pages get
/// impatient. What takes three mishaps within seconds is met in a thousand runs only so.
/// </summary>
/// <param name="Name">For the trace.</param>
/// <param name="Kinds">What strikes.</param>
/// <param name="Rate">The chance at each place where one of them can.</param>
/// <param name="Stroke">What it begins with.</param>
internal sealed record Storm(string Name, ImmutableSortedSet<FaultKind> Kinds, double Rate, Stroke Stroke)
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<Storm> All { get; } =
    [
        // Who takes over meets what its predecessor sent, and so do those who have loaded meanwhile.
        new("late sends", [FaultKind.SendLate], 0.1, Stroke.None),
        new("deaths", [FaultKind.SendLate, FaultKind.StoreLostAnswer], 0.1, Stroke.HolderDies),
        // What was done under a lease that was lost in between and is there again.
        new("standstills", [FaultKind.GroupLate, FaultKind.InstanceFreeze], 0.1, Stroke.HolderStands),
        // Two deliveries of an event wait for the same turn.
        new("cut calls", [FaultKind.CallCut, FaultKind.StoreSlow], 0.3, Stroke.None),
        // A page sends again what its connection before has sent, while that is still there.
        new("broken lines", [FaultKind.HalfOpen], 0.3, Stroke.OneStands),
        // Nobody knows what the store has done.
        new("lost answers", [FaultKind.StoreLostAnswer, FaultKind.StoreLateRequest, FaultKind.StoreLostRequest, FaultKind.InstanceDeath], 0.2, Stroke.None),
        // Groups are not what they should be.
        new("lost groups", [FaultKind.GroupFailed, FaultKind.GroupLate, FaultKind.SendFailedAfterDelivery], 0.25, Stroke.None),
        // Nothing can be sent for longer than the service redelivers.
        new("outages", [FaultKind.ServiceDown], 1, Stroke.None),
    ];
}
