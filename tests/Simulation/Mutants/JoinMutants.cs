using static ServerlessSync.Simulation.Mutants.MutantPlace;

namespace ServerlessSync.Simulation.Mutants;

/// <summary>Defects of letting connections in and out.</summary>
internal static class JoinMutants
{
    public static IReadOnlyList<Mutant> All { get; } =
    [
        new(
            "join-before-publish",
            "a connection gets the dataset while revisions in it are still to be sent",
            In("LeaseWork", "ServeAsync").Before(
                "var isPublished = await publisher.PublishAsync(cancellationToken);",
                "await coordinator.ServeAsync(() => false, cancellationToken);"
            ),
            In("SubscriptionCoordinator", "ServeAsync").Replace(
                "await head.RecordAsync(cancellationToken) || head.HasUnsent",
                "await head.KeepLeaseAsync(cancellationToken)"
            )
        ),
        new(
            "join-before-record",
            "a connection is let in before the head says what was sent, so a successor sends it again",
            In("SubscriptionCoordinator", "ServeAsync").Replace(
                "await head.RecordAsync(cancellationToken)",
                "await head.KeepLeaseAsync(cancellationToken)"
            )
        ),
        new(
            "join-without-confirmation",
            "a join counts although the lease may have been lost under it",
            In("SubscriptionCoordinator", "Note").Replace(
                "Unconfirmed!.Set(item, outcome);",
                "item.Answer(outcome); Unconfirmed!.Remove(item);"
            )
        ),
        new(
            "join-kept-dataset",
            "a newcomer gets a dataset message that was made for an earlier one",
            In("FrameBuilder", "Dataset").Replace("is not { } kept || kept.Revision != revision", "is not { } kept"),
            In("SubscriptionCoordinator", "ServeAsync").Remove("frames.ForgetDataset();")
        ),
        new(
            "resync-in-a-hurry",
            "a dataset to a live subscriber without quiet time around it",
            In("DatasetDelivery", "Continue").Replace("TimestampIn(options.QuietTime)", "TimestampIn(TimeSpan.Zero)")
        ),
        new(
            "resync-without-catch-up",
            "who gets a dataset while subscribed misses what came meanwhile",
            In("DatasetDelivery", "CatchUpAsync").Replace(
                "await publisher.SendMissedAsync(item.Origin.Connection, missed, cancellationToken);",
                "_ = missed;"
            )
        ),
        new(
            "aborted-is-done",
            "a delivery that nobody waits for is carried out all the same",
            In("SubscriptionCoordinator", "ServeGuardedAsync").Remove("{ IsAborted: true } => new ProjectOutcome.Gone(),")
        ),
        new(
            "leave-does-not-leave",
            "who goes to another project still gets the revisions of the one before",
            In("SubscriptionCoordinator", "ServeLeavesAsync").Replace(
                "await services.Gateway.RemoveFromGroupAsync(replica.Group, leave.Origin.Connection, cancellationToken);",
                "await Task.Yield();"
            )
        ),
        new(
            "repeat-without-answer",
            "a revision that our client sends again is not answered again",
            In("RepeatDelivery", "ServeAsync").Remove(
                "await publisher.SendMissedAsync(repeat.Origin.Connection, entries, cancellationToken);"
            )
        ),
    ];
}
