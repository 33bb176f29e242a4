using System.Text.Json;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Engine.Publishing;

/// <summary>Makes frames of log entries and datasets.</summary>
internal sealed class FrameBuilder(IDialect dialect, ProjectId project)
{
    private (long Revision, byte[] Frame)? lastDataset;

    /// <summary>Cuts a run of changes into messages that the service takes.</summary>
    public static IEnumerable<IReadOnlyList<LogEntry>> Split(IEnumerable<LogEntry> entries)
    {
        var message = new List<LogEntry>();
        var authors = new HashSet<ConnectionId>();
        var bytes = MessageLimits.ChangeEnvelopeBytesMax;
        foreach (var entry in entries)
        {
            var size = entry.Changes.Length + MessageLimits.RevisionEnvelopeBytesMax;
            var isNewAuthor = entry.Client is null && !authors.Contains(entry.Origin.Connection);
            if (
                message.Count > 0
                && (
                    bytes + size > GatewayLimits.MessageBytesMax
                    || (isNewAuthor && authors.Count == GatewayLimits.ExcludedConnectionsMax)
                )
            )
            {
                yield return message;
                message = [];
                authors.Clear();
                bytes = MessageLimits.ChangeEnvelopeBytesMax;
            }

            if (entry.Client is null)
            {
                authors.Add(entry.Origin.Connection);
            }

            message.Add(entry);
            bytes += size;
        }

        if (message.Count > 0)
        {
            yield return message;
        }
    }

    /// <summary>A message of changes as a connection is to see it; null for all connections but authors without a client id.</summary>
    public ReadOnlyMemory<byte> Changes(IReadOnlyList<LogEntry> entries, ConnectionId? reader) =>
        dialect.Write(
            new ServerMessage.ProjectChange(project, [.. entries.Select(entry => Show(entry, reader))])
        );

    /// <summary>The dataset message at a revision. Kept for joins at the same revision.</summary>
    public byte[] Dataset(long revision, Func<ReadOnlyMemory<byte>> content)
    {
        if (lastDataset is not { } kept || kept.Revision != revision)
        {
            kept = (revision, dialect.Write(new ServerMessage.Dataset(project, revision, content())));
            lastDataset = kept;
        }

        return kept.Frame;
    }

    /// <summary>Lets go of the kept dataset message.</summary>
    public void ForgetDataset() => lastDataset = null;

    public byte[] ResetDone(string user) => dialect.Write(new ServerMessage.ResetDone(project, user));

    public byte[] Refusal(string reason) => dialect.Write(new ServerMessage.Error("project_change", reason, project));

    /// <summary>
    /// The client id that others see is what the message stated, or else the connection's id. An author that stated none
    /// must see none, or it takes its own change for a foreign one (docs/protocol-facts.md#client-ids).
    /// </summary>
    private static PublishedRevision Show(LogEntry entry, ConnectionId? reader)
    {
        var client = entry.Client;
        if (client is null && entry.Origin.Connection != reader)
        {
            client = $"\"{JsonEncodedText.Encode(entry.Origin.Connection.Value)}\"";
        }

        return new PublishedRevision(
            entry.Revision,
            entry.LocalRevision,
            client,
            entry.ConflictResolutionFor,
            entry.Changes
        );
    }
}
