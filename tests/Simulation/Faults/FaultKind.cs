namespace ServerlessSync.Simulation.Faults;

/// <summary>What can go wrong.</summary>
internal enum FaultKind
{
    /// <summary>The store answers 503 or 429 and does nothing.</summary>
    StoreRefused,

    /// <summary>A transaction never arrived; its caller does not know.</summary>
    StoreLostRequest,

    /// <summary>A transaction was carried out; its caller does not know.</summary>
    StoreLostAnswer,

    /// <summary>A transaction is given up by its caller and carried out afterwards, if its conditions still hold.</summary>
    StoreLateRequest,

    /// <summary>A call to the store takes up to seconds.</summary>
    StoreSlow,

    /// <summary>A send fails at once and reaches nobody.</summary>
    SendLost,

    /// <summary>A send fails for its caller but reached everybody.</summary>
    SendFailedAfterDelivery,

    /// <summary>A send times out after 2 s and reaches nobody.</summary>
    SendTimedOut,

    /// <summary>A send times out after 2 s and is delivered seconds later.</summary>
    SendLate,

    /// <summary>A send takes up to its time limit.</summary>
    SendSlow,

    /// <summary>Joining, leaving, moving, listing or asking fails; it may have been done.</summary>
    GroupFailed,

    /// <summary>Joining or leaving a group is given up by its caller and done seconds later.</summary>
    GroupLate,

    /// <summary>Nothing in the service's data plane can be reached for up to a minute.</summary>
    ServiceDown,

    /// <summary>An instance dies between two steps; another one takes its place.</summary>
    InstanceDeath,

    /// <summary>An instance stands still, up to well past its lease, and goes on.</summary>
    InstanceFreeze,

    /// <summary>An instance is told to stop, finishes what it has, and is replaced.</summary>
    InstanceRestart,

    /// <summary>Wall clocks of the instances differ (counted per instance), by less than the design allows for (SequencerOptions.RedeliveryAfter).</summary>
    ClockSkew,

    /// <summary>An answer to an event is lost, so the event is delivered again.</summary>
    AnswerLost,

    /// <summary>An event is delivered again while its first delivery is still worked on.</summary>
    CallCut,

    /// <summary>The service does not tell that a connection ended.</summary>
    DisconnectedLost,

    /// <summary>The service tells seconds later that a connection ended.</summary>
    DisconnectedLate,

    /// <summary>A connection is gone but the service has not noticed.</summary>
    HalfOpen,

    /// <summary>The timer that sweeps never comes.</summary>
    NoSweep,
}
