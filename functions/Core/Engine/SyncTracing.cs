using System.Diagnostics;

namespace ServerlessSync.Core.Engine;

/// <summary>Spans of the engine. What a client sent is one span, made by the host; the turn in which it was committed and published links to it.</summary>
public static class SyncTracing
{
    /// <summary>What to listen to.</summary>
    public const string SourceName = "ServerlessSync";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>
    /// One turn of a project's loop: commit, sends, and what storage and service were asked for them. It belongs to all events that it
    /// serves together, so it links to each instead of being the child of one.
    /// </summary>
    internal static Activity? StartTurn(string project, IReadOnlyList<ProjectRequest> items)
    {
        if (!Source.HasListeners() || items.Count == 0)
        {
            return null;
        }

        var links = items.Where(static item => item.Trace != default).Select(static item => new ActivityLink(item.Trace));
        return Source.StartActivity(
            "sync turn",
            ActivityKind.Internal,
            parentContext: default,
            [new("sync.project", project), new("sync.events", items.Count)],
            links
        );
    }
}
