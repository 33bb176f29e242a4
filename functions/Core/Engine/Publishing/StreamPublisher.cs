using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.State;

namespace ServerlessSync.Core.Engine.Publishing;

/// <summary>Sends accepted revisions to the project's group, in order. Only for the holder of the lease.</summary>
internal sealed class StreamPublisher(
    EngineDependencies services,
    ProjectReplica replica,
    HeadWriter head,
    FrameBuilder frames
)
{
    /// <summary>Why a socket is closed whose page would need a dataset that does not fit a message.</summary>
    public const string DatasetTooLarge = "dataset too large";

    private const string AccessChanged = "access changed";

    /// <summary>Sends everything up to the head, or as much as the silence around a reset allows now. False when the lease was lost.</summary>
    /// <exception cref="GatewayException">A send has no known outcome.</exception>
    public async Task<bool> PublishAsync(CancellationToken cancellationToken)
    {
        if (!await MigrateMembersAsync(cancellationToken))
        {
            return false;
        }

        var silence = head.Session!.Silence;
        if (silence.Remaining > TimeSpan.Zero)
        {
            return true;
        }

        var started = services.Time.GetTimestamp();
        var backlog = await replica.Unsent.ReadAsync(head.Sent, replica.Head.Revision, cancellationToken);
        var entries = backlog.SelectMany(static commit => commit.Entries).Where(entry => entry.Revision > silence.ReplacedThrough).ToList();

        // The dataset of the last reset holds all that was before it, so many resets in a row cost the quiet times of one.
        var reset = entries.FindLast(static entry => entry.ReplacesAll);
        if (reset is null)
        {
            return await SendChangesAsync(entries, backlog, started, cancellationToken);
        }

        if (!silence.TryPassBefore())
        {
            return true;
        }

        await SendResetAsync(reset, cancellationToken);
        silence.BeginAfter(reset.Revision);
        Mark(reset.Revision, backlog, started);
        return await head.RecordAsync(cancellationToken);
    }

    /// <summary>Notes the last commit that was sent whole: what is left of one goes out again with all of it.</summary>
    private void Mark(long revision, IReadOnlyList<Commit> backlog, long started)
    {
        if (backlog.LastOrDefault(commit => commit.Last <= revision) is { } commit && commit.Last > head.Sent)
        {
            head.Session!.MarkSent(commit.Last);
            services.Observer.Published(replica.Project, commit.Last, services.Time.GetElapsedTime(started));
        }
    }

    /// <summary>Sends one connection a stretch of the log that it missed.</summary>
    public async Task SendMissedAsync(
        ConnectionId connection,
        IReadOnlyList<LogEntry> entries,
        CancellationToken cancellationToken
    )
    {
        foreach (var message in FrameBuilder.Split(entries))
        {
            await services.Gateway.SendToGroupAsync(
                replica.Group,
                frames.Changes(message, connection),
                new Audience.Only(connection),
                cancellationToken
            );
        }
    }

    /// <summary>Brings members of older generations into the present one, after which sends to older ones reach no member.</summary>
    private async Task<bool> MigrateMembersAsync(CancellationToken cancellationToken)
    {
        if (head.OwesAdvance || head.HasWriteInDoubt)
        {
            // Progress carries the next generation. A write in doubt, which may give the lease away, can no longer be carried out after this one.
            if (!await head.WriteOrRefreshAsync(head.Progress() with { Lease = LeaseChange.Renew }, cancellationToken))
            {
                return false;
            }
        }

        if (head.MustMigrate)
        {
            var (oldest, present) = (replica.Head.OldestGeneration, replica.Head.Generation);
            var older = LongRange(oldest, present).Select(generation => GroupName.OfProject(replica.Project, generation));
            foreach (var together in older.Chunk(GatewayLimits.MovedGroupsMax))
            {
                await services.Gateway.MoveGroupAsync(together, replica.Group, cancellationToken);
            }

            head.Session!.MarkMigrated(present);
        }

        await EvictAsync(cancellationToken);

        // Renewing may have read that more must be out.
        return await head.KeepLeaseAsync(cancellationToken) && !head.MustEvict;
    }

    private static IEnumerable<long> LongRange(long from, long to)
    {
        for (var number = from; number < to; number++)
        {
            yield return number;
        }
    }

    /// <summary>
    /// Takes those out of the group who may not see the project any more, before anything is sent to it that was accepted since. Their
    /// sockets are closed, so that their pages know.
    /// </summary>
    private async Task EvictAsync(CancellationToken cancellationToken)
    {
        if (!head.MustEvict)
        {
            return;
        }

        var row = replica.AccessRow;
        foreach (var user in row.Evicted)
        {
            await foreach (var connection in services.Gateway.ListGroupAsync(GroupName.OfUser(user), cancellationToken))
            {
                await services.Gateway.RemoveFromGroupAsync(replica.Group, connection, cancellationToken);
                await services.Gateway.CloseConnectionAsync(connection, AccessChanged, cancellationToken);
            }
        }

        if (row.EvictsAll)
        {
            await CloseMembersAsync(AccessChanged, cancellationToken);

            // Connections that are out of the group only until they have got their dataset.
            await CloseAsync(GroupName.OfOwed(replica.Project), AccessChanged, cancellationToken);
            await CloseAsync(GroupName.OfSettling(replica.Project), AccessChanged, cancellationToken);
        }

        head.Session!.EnforcedAccessVersion = replica.Head.AccessVersion;
    }

    /// <summary>Sends a run of changes, of however many commits: who fell behind must not need one send for each of them.</summary>
    private async Task<bool> SendChangesAsync(
        IReadOnlyList<LogEntry> entries,
        IReadOnlyList<Commit> backlog,
        long started,
        CancellationToken cancellationToken
    )
    {
        foreach (var message in FrameBuilder.Split(entries))
        {
            if (!await head.KeepLeaseAsync(cancellationToken))
            {
                return false;
            }

            await SendChangesOnceAsync(message, cancellationToken);
            Mark(message[^1].Revision, backlog, started);
        }

        return true;
    }

    private async Task SendChangesOnceAsync(IReadOnlyList<LogEntry> message, CancellationToken cancellationToken)
    {
        var authors = message
            .Where(static entry => entry.Client is null)
            .Select(static entry => entry.Origin.Connection)
            .Distinct()
            .ToList();
        foreach (var author in authors)
        {
            await services.Gateway.SendToGroupAsync(
                replica.Group,
                frames.Changes(message, author),
                new Audience.Only(author),
                cancellationToken
            );
        }

        var others = authors.Count == 0 ? Audience.All : new Audience.Except(authors);
        await services.Gateway.SendToGroupAsync(
            replica.Group,
            frames.Changes(message, reader: null),
            others,
            cancellationToken
        );
    }

    /// <summary>A reset or restore is sent as a dataset and a notice.</summary>
    private async Task SendResetAsync(LogEntry entry, CancellationToken cancellationToken)
    {
        var dataset = await replica.Replacements.ReadAsync(entry, replica.Head, cancellationToken);
        var frame = frames.Dataset(entry.Revision, dataset.ToClientJson);
        if (frame.Length > GatewayLimits.MessageBytesMax)
        {
            await CloseMembersAsync(DatasetTooLarge, cancellationToken);
        }
        else
        {
            await services.Gateway.SendToGroupAsync(replica.Group, frame, Audience.All, cancellationToken);
        }

        head.Session!.ReplacedAt = services.Time.GetUtcNow();
        await services.Gateway.SendToGroupAsync(replica.Group, frames.ResetDone(entry.Origin.User), Audience.All, cancellationToken);
    }

    /// <summary>Who gets nothing more must know that its page is out of date: its socket is closed.</summary>
    private Task CloseMembersAsync(string reason, CancellationToken cancellationToken) =>
        CloseAsync(replica.Group, reason, cancellationToken);

    private async Task CloseAsync(GroupName group, string reason, CancellationToken cancellationToken)
    {
        await foreach (var connection in services.Gateway.ListGroupAsync(group, cancellationToken))
        {
            // In this order: when a call fails, the next attempt must find the connection in the group.
            await services.Gateway.CloseConnectionAsync(connection, reason, cancellationToken);
            await services.Gateway.RemoveFromGroupAsync(group, connection, cancellationToken);
        }
    }
}
