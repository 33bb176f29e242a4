using static ServerlessSync.Simulation.Mutants.MutantPlace;

namespace ServerlessSync.Simulation.Mutants;

/// <summary>Defects of deciding and appending.</summary>
internal static class CommitMutants
{
    public static IReadOnlyList<Mutant> All { get; } =
    [
        new(
            "skip-etag",
            "the head is written over whatever stands there",
            In("ProjectLog", "WriteAsync").Replace(
                "new TableAction.Replace(RowKeys.Head, next.ToProperties(), expected.ETag)",
                "new TableAction.Upsert(RowKeys.Head, next.ToProperties())"
            )
        ),
        new(
            "publish-before-commit",
            "revisions are sent before they are stored",
            In("Committer", "TryAppendAsync").Before(
                "written = await head.WriteAsync(patch, cancellationToken, commit",
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
                """
            )
        ),
        new(
            "append-unfolded",
            "an engine appends on a head whose commits it has counted and not applied",
            In("ProjectReplica", "Fold").Replace("State.Fold(commit, ReplacementOf);", "State.Remember(commit);")
        ),
        new(
            "number-from-1-after-reset",
            "numbers begin anew after a reset",
            In("FrameBuilder", "Show").Replace(
                "entry.Revision, entry.LocalRevision,",
                "entry.Revision - Committing.ResetNumbers.Of(entry), entry.LocalRevision,"
            ),
            In("DecidePass", "Add").Replace("Entries.Add(entry);", "Entries.Add(entry); ResetNumbers.Note(entry, resetRevision);")
        )
        {
            AddedSource = """
                namespace ServerlessSync.Core.Engine.Committing;

                internal static class ResetNumbers
                {
                    [System.ThreadStatic]
                    private static Dictionary<Log.LogEntry, long>? bases;

                    public static void Note(Log.LogEntry entry, long reset) => (bases ??= [])[entry] = reset;

                    public static long Of(Log.LogEntry entry) => bases?.GetValueOrDefault(entry) ?? 0;
                }
                """,
        },
        new(
            "forget-rollback",
            "what a lost race had applied stays in the folded state",
            In("Committer", "TryAppendAsync").Replace(
                "replica.State.Dataset.Rollback(); if (attempt",
                "replica.State.Dataset.Release(); if (attempt"
            )
        ),
        new(
            "lost-answer-is-success",
            "a transaction whose answer was lost counts as carried out",
            In("Committer", "TryAppendAsync").Replace("if (written == HeadWrite.Written)", "if (written != HeadWrite.Lost)")
        ),
        new(
            "viewer-may-write",
            "a right to look is taken for a right to change",
            In("DecidePass", "DecideByRight").Replace("< Role.Editor", "< Role.Viewer")
        ),
        new(
            "outsider-may-look",
            "somebody without a right is let in",
            In("DeliveryConfirmation", "MaySee").Replace(">= Role.Viewer", ">= Role.None"),
            In("AdmissionCheck", "MayPassAsync").Replace(
                "access.RoleOf(item.Origin.User) >= needed",
                "(access.RoleOf(item.Origin.User) >= needed || item is JoinItem)"
            )
        ),
        new(
            "read-by-an-old-list",
            "the content of a version is read by the access list that the engine knows",
            In("AdmissionCheck", "MayPassAsync").Replace(
                "if (item.Needed is not { } needed ||",
                "if (item.Needed is not { } needed || item is LookUpItem ||"
            ),
            In("VersionLookUp", "TryAnswer").Replace(
                "item.Answer(exists ?",
                "item.Answer(replica.Access.RoleOf(item.Origin.User) < Core.Model.Role.Viewer ? new ProjectOutcome.Denied() : exists ?"
            )
        ),
        new(
            "question-fails-everybody",
            "when the service does not say whether one author is there, the whole batch is refused",
            In("AuthorCheck", "AskAsync").Replace(
                "return await services.Gateway.ConnectionExistsAsync(connection, cancellationToken); } catch (GatewayException exception)",
                "return await services.Gateway.ConnectionExistsAsync(connection, cancellationToken); } catch (GatewayException exception) when (exception.Message.Length == 0)"
            )
        ),
        new(
            "refusal-drops-state",
            "a call that fails has the whole project loaded anew",
            In("ProjectTurn", "FailsAlone").Replace(
                "exception is StorageException and not LogMovedException or GatewayException or LoadingRefusedException",
                "exception is LoadingRefusedException"
            )
        ),
        new(
            "ignore-late-events",
            "an old event is applied without asking whether its author is still there",
            In("AuthorCheck", "FindAsync").Replace("late.Contains(item) &&", "false &&")
        ),
        new(
            "refuse-in-silence",
            "a refused change is answered without the dataset that its author needs",
            In("SubmissionHandler", "Handle").Replace(
                "Resync((ChangeItem)decision.Item, reason);",
                "decision.Item.Answer(new ProjectOutcome.Done(replica.State.Revision)); _ = reason;"
            )
        ),
        new(
            "answer-before-publish",
            "a change is answered when it is stored, not when it is sent",
            In("PendingAnswers", "AnswerDone").Replace("waiting.Revision <= head.Sent", "true")
        ),
        new(
            "forward-and-forget",
            "an engine does not keep in mind what it left in the inbox",
            In("InboxWriter", "Add").Replace("outstanding.Add(row);", "_ = row;")
        ),
        new(
            "answer-read-once",
            "what was refused of a forwarded batch is forgotten when reading the answer fails once",
            In("InboxWriter", "ResolveAsync").Replace("if (!row.WantsAnswer &&", "if (!isAnswered &&")
        ),
        new(
            "drain-without-deletion",
            "an inbox row stays after its submissions are in the log",
            In("InboxCodec", "ToAction").Replace(
                "new TableAction.Delete(receipt.Row.Key, receipt.Row.ETag)",
                "new TableAction.Upsert(\"z-drained\", TableRows.NoProperties)"
            )
        ),
    ];
}
