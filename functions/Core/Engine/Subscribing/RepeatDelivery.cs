using System.Text.Json;
using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Engine.Publishing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Engine.Subscribing;

/// <summary>
/// Answers local revisions that a page session resends and that were accepted before. They are near its last one in the log; beyond the
/// stretch that is searched, an empty change set under the last number settles them as well.
/// </summary>
internal sealed class RepeatDelivery(SequencerOptions options, ProjectReplica replica, StreamPublisher publisher)
{
    /// <summary>Sends the answers, and moves each repeat from one collection to the other.</summary>
    public async Task ServeAsync(Queue<RepeatItem> waiting, List<RepeatItem> done, CancellationToken cancellationToken)
    {
        while (waiting.TryPeek(out var repeat))
        {
            var entries = await FindAsync(repeat, cancellationToken);
            await publisher.SendMissedAsync(repeat.Origin.Connection, entries, cancellationToken);

            // Sent to this generation's group. Whether its author was in that one, the next head write tells.
            done.Add(waiting.Dequeue());
        }
    }

    private async Task<List<LogEntry>> FindAsync(RepeatItem repeat, CancellationToken cancellationToken)
    {
        var open = new HashSet<string>(repeat.LocalRevisions, StringComparer.Ordinal);
        var entries = new List<LogEntry>();
        var first = Math.Max(1, repeat.Mark.Revision - options.RepeatSearchMax);
        await foreach (var entry in replica.Log.ReadEntriesAsync(first, repeat.Mark.Revision, cancellationToken))
        {
            if (string.Equals(entry.Session, repeat.Session, StringComparison.Ordinal) && open.Remove(entry.LocalRevision))
            {
                entries.Add(entry);
            }
        }

        entries.AddRange(open.Order(StringComparer.Ordinal).Select(local => Settled(repeat, local)));
        return entries;
    }

    private static LogEntry Settled(RepeatItem repeat, string local) =>
        new(
            repeat.Mark.Revision,
            EntryKind.Change,
            repeat.Origin,
            local,
            Client: $"\"{JsonEncodedText.Encode(repeat.Origin.Connection.Value)}\"",
            repeat.Session,
            ConflictResolutionFor: null,
            "{}"u8.ToArray(),
            Cut: false
        );
}
