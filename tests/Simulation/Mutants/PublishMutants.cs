namespace ServerlessSync.Simulation.Mutants;

/// <summary>Defects of sending, of the lease and of generations.</summary>
internal static class PublishMutants
{
    private const string Frames = "Engine/Publishing/FrameBuilder.cs";
    private const string Lease = "Engine/Leasing/LeaseAcquirer.cs";
    private const string Publisher = "Engine/Publishing/StreamPublisher.cs";
    private const string Replica = "Engine/Leasing/ProjectReplica.cs";
    private const string Serving = "Engine/ProjectSequencer.Serving.cs";

    public static IReadOnlyList<Mutant> All { get; } =
    [
        new(
            "release-early",
            "the lease goes back before what it covers is sent",
            new MutantEdit(
                Publisher,
                "await SendChangesOnceAsync(message, cancellationToken);",
                """
                replica.MarkSent(message[^1].Revision);
                await replica.WriteAsync(replica.Head.Released(), commit: null, cancellationToken);
                await SendChangesOnceAsync(message, cancellationToken);
                """
            )
        ),
        new(
            "forget-published",
            "the head never says what was sent",
            new MutantEdit(Replica, "Published = holds ? Sent : next.Published,", "Published = next.Published,")
        ),
        new(
            "publish-without-lease",
            "an engine sends although somebody else has the lease",
            new MutantEdit(
                Publisher,
                "        return replica.HoldsLease;",
                "        return true;"
            ),
            new MutantEdit(
                Serving,
                "if (!await MayServeAsync())",
                "if (!replica.HasUnsent && !await MayServeAsync())"
            )
        ),
        new(
            "lease-lapses-at-once",
            "a lease counts as given up the moment it is seen",
            new MutantEdit(Lease, "waited >= options.LeaseTime", "waited >= TimeSpan.Zero")
        ),
        new(
            "lease-never-lapses",
            "nobody takes over from a dead holder",
            new MutantEdit(Lease, "waited >= options.LeaseTime", "waited >= options.LeaseTime * 1_000_000")
        ),
        new(
            "take-over-without-generation",
            "a late send of a dead holder reaches those who have loaded since",
            new MutantEdit(Lease, "with { Generation = head.Generation + 1 }", "with { LeaseWanted = head.LeaseWanted }")
        ),
        new(
            "given-up-is-forgotten",
            "an engine that gave up publishing does not come back to it by itself",
            new MutantEdit("Engine/ProjectSequencer.cs", "IsWaited || replica.HasUnsent || IsAskingForLease)\n        {\n            timeout", "IsWaited || IsAskingForLease)\n        {\n            timeout")
        ),
        new(
            "unknown-send-without-generation",
            "a send of unknown outcome may arrive after its repetition",
            new MutantEdit(Serving, "replica.MustAdvance = true;", "")
        ),
        new(
            "unknown-send-is-sent",
            "a send of unknown outcome counts as done",
            new MutantEdit(
                Publisher,
                "            await SendChangesOnceAsync(message, cancellationToken);",
                "            try { await SendChangesOnceAsync(message, cancellationToken); } catch (GatewayException) { }"
            )
        ),
        new(
            "members-stay-behind",
            "nobody is moved into the group of a new generation",
            new MutantEdit(Publisher, "await services.Gateway.MoveGroupAsync(together, replica.Group, cancellationToken);", "_ = together;")
        ),
        new(
            "personal-copy-for-somebody-else",
            "an author without a client id gets its own revision as that of somebody else",
            new MutantEdit(Frames, "entry.Origin.Connection != reader", "entry.Origin.Connection.Value.Length > 0")
        ),
        new(
            "personal-copy-twice",
            "an author without a client id gets the copy of the others as well",
            new MutantEdit(Publisher, "authors.Count == 0 ? Audience.All : new Audience.Except(authors)", "authors.Count < 0 ? new Audience.Except(authors) : Audience.All")
        ),
        new(
            "personal-copy-of-own-alone",
            "an author without a client id gets its own revisions and not those of others in the same message",
            new MutantEdit(
                Publisher,
                "frames.Changes(message, author),",
                "frames.Changes([.. message.Where(entry => entry.Origin.Connection == author)], author),"
            )
        ),
        new(
            "reset-in-a-hurry",
            "no quiet time before and after the dataset of a reset",
            new MutantEdit(
                Publisher,
                "await Task.Delay(options.QuietTime, services.Time, cancellationToken);\n        if",
                "if"
            ),
            new MutantEdit(
                Publisher,
                "await Task.Delay(options.QuietTime, services.Time, cancellationToken);\n        return",
                "return"
            )
        ),
    ];
}
