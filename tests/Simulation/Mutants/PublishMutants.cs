using static ServerlessSync.Simulation.Mutants.MutantPlace;

namespace ServerlessSync.Simulation.Mutants;

/// <summary>Defects of sending, of the lease and of generations.</summary>
internal static class PublishMutants
{
    public static IReadOnlyList<Mutant> All { get; } =
    [
        new(
            "release-early",
            "the lease goes back before what it covers is sent",
            In("StreamPublisher", "SendChangesAsync").Before(
                "await SendChangesOnceAsync(message, cancellationToken);",
                """
                head.Session!.MarkSent(message[^1].Revision);
                await head.WriteAsync(head.Progress() with { Lease = LeaseChange.Release }, cancellationToken);
                """
            )
        ),
        new(
            "forget-published",
            "the head never says what was sent",
            In("HeadWriter", "Progress").Replace("Published = session.Sent,", "Published = null,")
        ),
        new(
            "published-left-to-the-next-commit",
            "an engine that is alone keeps the lease until the next change, and leaves the record of what was sent to it",
            In("HeadWriter", "HoldRemaining").Replace("options.LeaseHold -", "TimeSpan.FromHours(1) -")
        ),
        new(
            "publish-without-lease",
            "an engine sends although somebody else has the lease",
            In("HeadWriter", "Follow").Replace("if (!head.IsHeldBy(Engine))", "if (Session is null && !head.IsHeldBy(Engine))"),
            In("HeadWriter", "FollowWrite").Replace("if (!head.IsHeldBy(Engine))", "if (patch.Lease == LeaseChange.Release)")
        ),
        new(
            "lease-lapses-at-once",
            "a lease counts as given up the moment it is seen",
            In("LeaseAcquirer", "WatchAsync").Replace("life.UnchangedFor >= options.LeaseTime", "options.LeaseTime > TimeSpan.Zero")
        ),
        new(
            "lease-never-lapses",
            "nobody takes over from a dead holder",
            In("LeaseAcquirer", "WatchAsync").Replace("life.UnchangedFor >= options.LeaseTime", "options.LeaseTime < TimeSpan.Zero")
        ),
        new(
            "take-over-without-generation",
            "a late send of a dead holder reaches those who have loaded since",
            In("LeaseAcquirer", "WatchAsync").Replace(
                "AdvancesGeneration = true",
                "AdvancesGeneration = false"
            )
        ),
        new(
            "given-up-is-forgotten",
            "an engine that gave up publishing does not come back to it by itself",
            In("ProjectSequencer", "NextTimeoutOfOther").Replace(
                "if (NeedsLease)",
                "if (NeedsLease && (parts.LeaseWork.IsWaited || parts.Head.IsAskingForLease))"
            )
        ),
        new(
            "unknown-send-without-generation",
            "a send of unknown outcome may arrive after its repetition",
            In("LeaseWork", "FailSendAsync").Remove("head.OweAdvance();")
        ),
        new(
            "unknown-send-is-sent",
            "a send of unknown outcome counts as done",
            In("StreamPublisher", "SendChangesAsync").Replace(
                "await SendChangesOnceAsync(message, cancellationToken);",
                "try { await SendChangesOnceAsync(message, cancellationToken); } catch (GatewayException) { }"
            )
        ),
        new(
            "members-stay-behind",
            "nobody is moved into the group of a new generation",
            In("StreamPublisher", "MigrateMembersAsync").Replace(
                "await services.Gateway.MoveGroupAsync(together, replica.Group, cancellationToken);",
                "_ = together;"
            )
        ),
        new(
            "personal-copy-for-somebody-else",
            "an author without a client id gets its own revision as that of somebody else",
            In("FrameBuilder", "Show").Replace("entry.Origin.Connection != reader", "entry.Origin.Connection.Value.Length > 0")
        ),
        new(
            "personal-copy-twice",
            "an author without a client id gets the copy of the others as well",
            In("StreamPublisher", "SendChangesOnceAsync").Replace(
                "authors.Count == 0 ? Audience.All : new Audience.Except(authors)",
                "authors.Count < 0 ? new Audience.Except(authors) : Audience.All"
            )
        ),
        new(
            "personal-copy-of-own-alone",
            "an author without a client id gets its own revisions and not those of others in the same message",
            In("StreamPublisher", "SendChangesOnceAsync").Replace(
                "frames.Changes(message, author),",
                "frames.Changes([.. message.Where(entry => entry.Origin.Connection == author)], author),"
            )
        ),
        new(
            "reset-in-a-hurry",
            "no quiet time before and after the dataset of a reset",
            In("ResetSilence", "TryPassBefore").Replace("time.TimestampIn(length)", "0"),
            In("ResetSilence", "BeginAfter").Replace("time.TimestampIn(length)", "0")
        ),
        new(
            "silence-ends-with-the-lease",
            "the lease passes on in the silence around a reset, and each holder begins it anew",
            In("ResetSilence", "HoldsLease").Replace("phase == Phase.Before || Remaining > TimeSpan.Zero", "due < 0")
        ),
    ];
}
