namespace ServerlessSync.Simulation.Mutants;

/// <summary>Defects of deciding and appending.</summary>
internal static class CommitMutants
{
    private const string Door = "Engine/AdmissionCheck.cs";
    private const string Committer = "Engine/Committing/Committer.cs";
    private const string DecidePass = "Engine/Committing/DecidePass.cs";
    private const string ProjectLog = "Log/ProjectLog.cs";
    private const string Replica = "Engine/Leasing/ProjectReplica.Reading.cs";

    public static IReadOnlyList<Mutant> All { get; } =
    [
        new(
            "skip-etag",
            "the head is written over whatever stands there",
            new MutantEdit(
                ProjectLog,
                "new TableAction.Replace(RowKeys.Head, next.ToProperties(), expected.ETag)",
                "new TableAction.Upsert(RowKeys.Head, next.ToProperties())"
            )
        ),
        new(
            "publish-before-commit",
            "revisions are sent before they are stored",
            new MutantEdit(
                Committer,
                "written = await replica.WriteAsync(next, commit, receipts",
                """
                if (commit is not null)
                {
                    await services.Gateway.SendToGroupAsync(
                        replica.Group,
                        new FrameBuilder(services.Dialect, replica.Project).Changes(commit.Entries, reader: null),
                        Model.Audience.All,
                        cancellationToken
                    );
                }

                written = await replica.WriteAsync(next, commit, receipts
                """
            )
        ),
        new(
            "append-unfolded",
            "an engine appends on a head whose commits it has counted and not applied",
            new MutantEdit(Replica, "State.Fold(commit, ReplacementOf);", "State.Remember(commit);")
        ),
        new(
            "number-from-1-after-reset",
            "numbers begin anew after a reset",
            new MutantEdit(
                "Engine/Publishing/FrameBuilder.cs",
                "            entry.Revision,\n            entry.LocalRevision,",
                "            entry.Revision - Committing.ResetNumbers.Of(entry),\n            entry.LocalRevision,"
            ),
            new MutantEdit(
                "Engine/Committing/Decision.cs",
                "namespace ServerlessSync.Core.Engine.Committing;",
                """
                namespace ServerlessSync.Core.Engine.Committing;

                internal static class ResetNumbers
                {
                    [System.ThreadStatic]
                    private static Dictionary<Log.LogEntry, long>? bases;

                    public static void Note(Log.LogEntry entry, long reset) => (bases ??= [])[entry] = reset;

                    public static long Of(Log.LogEntry entry) => bases?.GetValueOrDefault(entry) ?? 0;
                }

                """
            ),
            new MutantEdit(DecidePass, "Entries.Add(entry);", "Entries.Add(entry); ResetNumbers.Note(entry, resetRevision);")
        ),
        new(
            "forget-rollback",
            "what a lost race had applied stays in the folded state",
            new MutantEdit(
                Committer,
                "replica.State.Dataset.Rollback();\n        if (attempt",
                "replica.State.Dataset.Release();\n        if (attempt"
            )
        ),
        new(
            "lost-answer-is-success",
            "a transaction whose answer was lost counts as carried out",
            new MutantEdit(Committer, "if (written == HeadWrite.Written)", "if (written != HeadWrite.Lost)")
        ),
        new(
            "viewer-may-write",
            "a right to look is taken for a right to change",
            new MutantEdit(DecidePass, "< Role.Editor", "< Role.Viewer")
        ),
        new(
            "outsider-may-look",
            "somebody without a right is let in",
            new MutantEdit("Engine/Subscribing/SubscriptionCoordinator.cs", ">= Role.Viewer", ">= Role.None"),
            new MutantEdit(Door, "access.RoleOf(item.Origin.User) >= needed", "(access.RoleOf(item.Origin.User) >= needed || item is JoinItem)")
        ),
        new(
            "read-by-an-old-list",
            "the content of a version is read by the access list that the engine knows",
            new MutantEdit(Door, "if (item.Needed is not { } needed ||", "if (item.Needed is not { } needed || item is LookUpItem ||"),
            new MutantEdit(
                "Engine/ProjectSequencer.LookingUp.cs",
                "item.Complete(exists ?",
                "item.Complete(replica.Access.RoleOf(item.Origin.User) < Core.Model.Role.Viewer ? new ProjectOutcome.Denied() : exists ?"
            )
        ),
        new(
            "question-fails-everybody",
            "when the service does not say whether one author is there, the whole batch is refused",
            new MutantEdit("Engine/Committing/AuthorCheck.cs", "            return await services.Gateway.ConnectionExistsAsync(connection, cancellationToken);\n        }\n        catch (GatewayException exception)\n", "            return await services.Gateway.ConnectionExistsAsync(connection, cancellationToken);\n        }\n        catch (GatewayException exception) when (exception.Message.Length == 0)\n")
        ),
        new(
            "refusal-drops-state",
            "a call that fails has the whole project loaded anew",
            new MutantEdit(
                "Engine/ProjectSequencer.Working.cs",
                "when (exception is StorageException and not LogMovedException or GatewayException or LoadingRefusedException)",
                "when (exception is LoadingRefusedException)"
            )
        ),
        new(
            "ignore-late-events",
            "an old event is applied without asking whether its author is still there",
            new MutantEdit("Engine/Committing/AuthorCheck.cs", "late.Contains(item) &&", "false &&")
        ),
        new(
            "refuse-in-silence",
            "a refused change is answered without the dataset that its author needs",
            new MutantEdit(
                "Engine/ProjectSequencer.Committing.cs",
                "Resync((ChangeItem)decision.Item, reason);",
                "decision.Item.Complete(new ProjectOutcome.Done(replica.State.Revision)); _ = reason;"
            )
        ),
        new(
            "answer-before-publish",
            "a change is answered when it is stored, not when it is sent",
            new MutantEdit(
                "Engine/ProjectSequencer.cs",
                "var isPublished = waiting.Revision <= replica.Sent;",
                "var isPublished = true;"
            )
        ),
        new(
            "forward-and-forget",
            "an engine does not keep in mind what it left in the inbox",
            new MutantEdit("Engine/Forwarding/InboxWriter.cs", "outstanding.Add(row);", "_ = row;")
        ),
        new(
            "drain-without-deletion",
            "an inbox row stays after its submissions are in the log",
            new MutantEdit(
                "Log/InboxCodec.cs",
                "new TableAction.Delete(receipt.Row.Key, receipt.Row.ETag)",
                "new TableAction.Upsert(\"z-drained\", TableRows.NoProperties)"
            )
        ),
    ];
}
