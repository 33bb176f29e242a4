using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Presence;

/// <summary>Finds rows of connections that the service no longer knows.</summary>
internal sealed class PresenceReconciliation(
    PresenceTable table,
    IClientGateway gateway,
    PresenceScope scope,
    PresenceOptions options,
    TimeProvider timeProvider
)
{
    /// <summary>
    /// Compares the rows with the group's members and marks missing connections in their rows. Returns the rows to
    /// remove: missing now, missing before, and old enough.
    /// </summary>
    public async Task<List<StoredPresence>> FindGoneAsync(CancellationToken cancellationToken)
    {
        // Rows first: a connection joins the group before it gets its row, so a later listing contains every live one
        // of these rows.
        var rows = await table.ReadRowsAsync(limit: null, cancellationToken);
        var alive = new HashSet<ConnectionId>();
        await foreach (var connection in gateway.ListGroupAsync(scope.Group, cancellationToken))
        {
            alive.Add(connection);
        }

        var now = timeProvider.GetUtcNow();
        var gone = new List<StoredPresence>();
        var marks = new List<TableAction>();
        foreach (var stored in rows)
        {
            if (IsGone(stored.Row, alive, now))
            {
                gone.Add(stored);
            }
            else if (alive.Contains(stored.Row.Connection) == stored.Row.Missed is not null)
            {
                // The mark is stored in the row because the next reconciliation may run on another instance.
                var marked = stored.Row with { Missed = stored.Row.Missed is null ? now : null };
                marks.Add(new TableAction.Replace(stored.RowKey, marked.ToProperties(), stored.Tag));
            }
        }

        foreach (var chunk in marks.Chunk(PresenceLimits.BatchChangesMax))
        {
            await MarkAsync([.. chunk], cancellationToken);
        }

        return gone;
    }

    private bool IsGone(PresenceRow row, HashSet<ConnectionId> alive, DateTimeOffset now) =>
        !alive.Contains(row.Connection)
        && row.Missed is { } missed
        && now - missed >= options.MissInterval
        && now - row.Entered >= options.Grace;

    /// <summary>Writes the marks. Rows that have changed meanwhile are skipped.</summary>
    private async Task MarkAsync(List<TableAction> marks, CancellationToken cancellationToken)
    {
        while (
            marks.Count > 0
            && await table.SubmitAsync(marks, cancellationToken) is TransactionResult.Conflict conflict
        )
        {
            marks.RemoveAt(conflict.ActionIndex);
        }
    }
}
