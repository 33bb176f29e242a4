using System.Collections.Immutable;

namespace ServerlessSync.Simulation.Faults;

/// <summary>What a storm does to an instance when it begins, besides the faults that it brings.</summary>
internal enum Stroke
{
    /// <summary>No effect.</summary>
    None,

    /// <summary>The holder of a project's lease freezes until it may have lost it.</summary>
    HolderFreezes,

    /// <summary>The holder of a project's lease dies.</summary>
    HolderDies,

    /// <summary>A random instance freezes.</summary>
    OneFreezes,
}

/// <summary>
/// Concentrated faults: for some seconds a few kinds strike far more often than otherwise, and users get impatient. Without storms, failures that need three
/// faults within seconds would not occur in a thousand runs.
/// </summary>
/// <param name="Name">Its name in the trace.</param>
/// <param name="Kinds">The kinds of fault that it brings.</param>
/// <param name="Rate">Their probability at each place where they can strike.</param>
/// <param name="Stroke">Its effect on an instance when it begins.</param>
internal sealed record Storm(string Name, ImmutableSortedSet<FaultKind> Kinds, double Rate, Stroke Stroke)
{
    /// <summary>All storms.</summary>
    public static ImmutableArray<Storm> All { get; } =
    [
        // Late sends of the last holder meet its successor, and pages that have loaded since.
        new("late sends", [FaultKind.SendLate], 0.1, Stroke.None),
        new("deaths", [FaultKind.SendLate, FaultKind.StoreLostAnswer], 0.1, Stroke.HolderDies),
        // Work that spans the loss and recovery of the lease.
        new("standstills", [FaultKind.GroupLate, FaultKind.InstanceFreeze], 0.1, Stroke.HolderFreezes),
        // Two deliveries of one event wait for the same turn.
        new("cut calls", [FaultKind.CallCut, FaultKind.StoreSlow], 0.3, Stroke.None),
        // A page resends what its last connection sent, while that connection is still open.
        new("broken lines", [FaultKind.HalfOpen], 0.3, Stroke.OneFreezes),
        // Transactions with unknown outcome.
        new("lost answers", [FaultKind.StoreLostAnswer, FaultKind.StoreLateRequest, FaultKind.StoreLostRequest, FaultKind.InstanceDeath], 0.2, Stroke.None),
        // Groups with missing or superfluous members.
        new("lost groups", [FaultKind.GroupFailed, FaultKind.GroupLate, FaultKind.SendFailedAfterDelivery], 0.25, Stroke.None),
        // No sends for longer than the service redelivers an event.
        new("outages", [FaultKind.ServiceDown], 1, Stroke.None),
    ];
}
