using static ServerlessSync.Simulation.Mutants.MutantPlace;

namespace ServerlessSync.Simulation.Mutants;

/// <summary>Defects of what is decided about changes that may be older than a dataset, and of what their authors are owed.</summary>
internal static class WindowMutants
{
    public static IReadOnlyList<Mutant> All { get; } =
    [
        new(
            "window-never-opens",
            "a change made before a dataset that its author did not ask for is applied",
            In("EditWindow", "Judge").Replace("return IsAfter(knowledge, reset) || isOwed || knowledge.Made", "return knowledge.Made")
        ),
        new(
            "window-begins-anew",
            "each refusal begins a new window, so who goes on editing is never accepted",
            In("SyncEventHandler", "ChangeAsync").Replace(
                "Pause = new EditPause(owed.Begun, session.Pause?.Ends ?? owed.Begun, context.EventId)",
                "Pause = new EditPause(services.Time.GetUtcNow(), services.Time.GetUtcNow() + sequencers.Options.Window.Length, context.EventId)"
            )
        ),
        new(
            "margin-of-nothing",
            "a change that crosses the owed dataset on its way is applied",
            In("EditWindow", "IsInMargin").Replace("made - sentAt < Margin", "made < sentAt"),
            In("DatasetDebts", "FindIndebtedAsync").Replace(
                "owed.Contains(item.Origin.Connection) || settling.Contains(item.Origin.Connection) || item.DatasetState.Made < lately",
                "owed.Contains(item.Origin.Connection)"
            )
        ),
        new(
            "window-without-a-word",
            "a change that may be older than a dataset is refused without an error",
            In("SyncEventHandler", "ChangeAsync").Replace(
                "new ServerMessage.Error(\"project_change\", Refusals.BeforeDataset, project),",
                "new ServerMessage.Version(options.Version),"
            )
        ),
        new(
            "debt-is-not-paid",
            "who was refused in the window never gets the dataset",
            In("WindowRefusals", "AnswerAsync").Remove("coordinator.AddDebt(item, UntilLeaving(item));")
        ),
        new(
            "debt-dies-with-its-engine",
            "nobody sends what a dead engine owes",
            In("Sweeper", "IsOwing").Replace("row.Owes &&", "row.Owes && row.Key.Length == 0 &&")
        ),
        new(
            "asker-without-window",
            "what the asker of a reset did between asking and receiving is applied",
            In("SyncEventHandler", "ResetAsync").Replace(
                "new EventReply.Done(replies.AfterDataset(context, session, project, session.DatasetRevision).ToState())",
                "new EventReply.Done((session with { DatasetRevision = ((ProjectOutcome.Done)outcome).Revision, Pause = null }).ToState())"
            )
        ),
        new(
            "gone-link-is-taken",
            "a resource that is gone can be assigned, which stops the page that brings it back",
            In("ChangeDecider", "Decide").Replace("if (!isResolution && GoneLinks", "if (isResolution && GoneLinks")
        ),
    ];
}
