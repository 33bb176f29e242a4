namespace ServerlessSync.Simulation.Mutants;

/// <summary>Defects of letting connections in and out.</summary>
internal static class JoinMutants
{
    private const string Desk = "Engine/Subscribing/SubscriptionCoordinator.cs";
    private const string Phases = "Engine/Subscribing/SubscriptionCoordinator.Phases.cs";

    public static IReadOnlyList<Mutant> All { get; } =
    [
        new(
            "join-before-publish",
            "a connection gets the dataset while revisions in it are still to be sent",
            new MutantEdit(
                "Engine/ProjectSequencer.Serving.cs",
                "var published = await publisher.PublishAsync(CancellationToken.None);",
                "await desk.ServeAsync(CancellationToken.None); var published = await publisher.PublishAsync(CancellationToken.None);"
            ),
            new MutantEdit(Desk, "await publisher.RecordAsync(cancellationToken) || replica.HasUnsent", "await publisher.KeepLeaseAsync(cancellationToken)")
        ),
        new(
            "join-before-record",
            "a connection is let in before the head says what was sent, so a successor sends it again",
            new MutantEdit(Desk, "await publisher.RecordAsync(cancellationToken)", "await publisher.KeepLeaseAsync(cancellationToken)")
        ),
        new(
            "join-without-confirmation",
            "a join counts although the lease may have been lost under it",
            new MutantEdit(Desk, "unconfirmed.Add((item, outcome));", "item.Answer(outcome); underWay.Remove(item);")
        ),
        new(
            "join-kept-dataset",
            "a newcomer gets a dataset message that was made for an earlier one",
            new MutantEdit("Engine/Publishing/FrameBuilder.cs", "is not { } kept || kept.Revision != revision", "is not { } kept"),
            new MutantEdit(Desk, "frames.ForgetDataset();", "")
        ),
        new(
            "resync-in-a-hurry",
            "a dataset to a live subscriber without quiet time around it",
            new MutantEdit(Phases, "TimestampIn(options.QuietTime)", "TimestampIn(TimeSpan.Zero)")
        ),
        new(
            "resync-without-catch-up",
            "who gets a dataset while subscribed misses what came meanwhile",
            new MutantEdit(Phases, "await publisher.SendMissedAsync(item.Origin.Connection, missed, cancellationToken);", "_ = missed;")
        ),
        new(
            "aborted-is-done",
            "a delivery that nobody waits for is carried out all the same",
            new MutantEdit(Phases, "if (item.IsAborted)", "if (item.Origin.EventId < 0)")
        ),
        new(
            "leave-does-not-leave",
            "who goes to another project still gets the revisions of the one before",
            new MutantEdit(Desk, "await services.Gateway.RemoveFromGroupAsync(replica.Group, leave.Origin.Connection, cancellationToken);", "await Task.Yield();")
        ),
        new(
            "repeat-without-answer",
            "a revision that our client sends again is not answered again",
            new MutantEdit(Desk, "await publisher.SendMissedAsync(repeat.Origin.Connection, entries, cancellationToken);", "")
        ),
    ];
}
