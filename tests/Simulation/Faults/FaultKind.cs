namespace ServerlessSync.Simulation.Faults;

/// <summary>The kinds of fault.</summary>
internal enum FaultKind
{
    /// <summary>The store answers 503 or 429 and does nothing.</summary>
    StoreRefused,

    /// <summary>A transaction never arrives; its caller does not learn the outcome.</summary>
    StoreLostRequest,

    /// <summary>A transaction is executed; its caller does not learn the outcome.</summary>
    StoreLostAnswer,

    /// <summary>A transaction times out for its caller and is executed up to 4 s later, if its conditions still hold.</summary>
    StoreLateRequest,

    /// <summary>A call to the store takes up to 3 s longer.</summary>
    StoreSlow,

    /// <summary>A send fails at once and reaches no connection.</summary>
    SendLost,

    /// <summary>A send reaches the group but fails for its caller.</summary>
    SendFailedAfterDelivery,

    /// <summary>A send times out after 2 s and reaches no connection.</summary>
    SendTimedOut,

    /// <summary>A send times out after 2 s and is delivered up to 12 s after it began.</summary>
    SendLate,

    /// <summary>A send takes up to 1.9 s, just below its time limit.</summary>
    SendSlow,

    /// <summary>A group, connection or list request fails; it may have been executed.</summary>
    GroupFailed,

    /// <summary>A group or connection request times out and is executed up to 6 s after it began.</summary>
    GroupLate,

    /// <summary>The service's data plane is unreachable for up to a minute.</summary>
    ServiceDown,

    /// <summary>An instance dies at an await; a new one is started.</summary>
    InstanceDeath,

    /// <summary>An instance freezes, for up to 12 s and so past its lease, then continues.</summary>
    InstanceFreeze,

    /// <summary>An instance is asked to stop, finishes its work, and is replaced.</summary>
    InstanceRestart,

    /// <summary>The wall clocks of instances differ, by less than the product tolerates (SequencerOptions.RedeliveryAfter). Counted per instance.</summary>
    ClockSkew,

    /// <summary>The answer to an event is lost, so the event is redelivered.</summary>
    AnswerLost,

    /// <summary>The request of an event is cut, so the event is redelivered while the first delivery is still being handled.</summary>
    CallCut,

    /// <summary>The service never reports the end of a connection.</summary>
    DisconnectedLost,

    /// <summary>The service reports the end of a connection up to 8 s later.</summary>
    DisconnectedLate,

    /// <summary>The client is gone, but the service notices only up to 15 s later.</summary>
    HalfOpen,

    /// <summary>The timer never sweeps.</summary>
    NoSweep,
}
