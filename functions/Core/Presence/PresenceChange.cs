using System.Diagnostics;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Presence;

/// <summary>
/// One caller's request on its way through the loop: the wanted row, the stored row, and the outcome. Only the loop
/// uses it; the caller calls <see cref="AwaitedBy"/> before it posts the request, and reads the outcome afterwards.
/// </summary>
internal sealed class PresenceChange
{
    private readonly PresenceRow? wanted;
    private readonly ETag? onlyIf;
    private StoredPresence? found;
    private bool isUncertain;
    private TaskCompletionSource? caller;

    private PresenceChange(string? rowKey, PresenceRow? wanted, StoredPresence? removed, bool needsRow)
    {
        RowKey = rowKey;
        this.wanted = wanted;
        found = removed;
        onlyIf = removed?.Tag;
        NeedsRow = needsRow;
    }

    /// <summary>The key of its row; null when it only requests a due list.</summary>
    public string? RowKey { get; }

    /// <summary>Whether the row must be read before the next attempt.</summary>
    public bool NeedsRow { get; private set; }

    /// <summary>The connection that entered, once stored; null for none.</summary>
    public PresenceRow? Entered { get; private set; }

    /// <summary>The connection that left, once stored; null for none.</summary>
    public PresenceRow? Left { get; private set; }

    /// <summary>
    /// Adds a connection. Usually there is no row yet, so the row is read only after a refused insert.
    /// </summary>
    public static PresenceChange Enter(PresenceRow row) =>
        new(PresenceRow.KeyOf(row.Connection), row, removed: null, needsRow: false);

    /// <summary>Removes a connection.</summary>
    public static PresenceChange Leave(ConnectionId connection) =>
        new(PresenceRow.KeyOf(connection), wanted: null, removed: null, needsRow: true);

    /// <summary>Removes a row if it is unchanged.</summary>
    public static PresenceChange Remove(StoredPresence row) =>
        new(row.RowKey, wanted: null, row, needsRow: false);

    /// <summary>Changes nothing, but sends a due list.</summary>
    public static PresenceChange Check() => new(rowKey: null, wanted: null, removed: null, needsRow: false);

    /// <summary>Sets the completion that the caller awaits, before the change is posted.</summary>
    public void AwaitedBy(TaskCompletionSource awaiting) => caller = awaiting;

    /// <summary>Sets the stored row.</summary>
    public void SetStored(StoredPresence? row)
    {
        found = row;
        NeedsRow = false;
    }

    /// <summary>
    /// A transaction with this change was refused or, if <paramref name="maybeStored"/>, may have been executed.
    /// </summary>
    public void MarkUncertain(bool maybeStored)
    {
        NeedsRow = RowKey is not null;
        isUncertain |= maybeStored;
    }

    /// <summary>The write for the stored row; null when nothing is left to do.</summary>
    public TableAction? Decide()
    {
        Debug.Assert(!NeedsRow, "the row is read before a change is decided");
        if (RowKey is null)
        {
            return null;
        }

        return wanted is null ? DecideLeave(RowKey) : DecideEnter(RowKey, wanted);
    }

    /// <summary>Completes the caller's wait.</summary>
    public void Complete() => caller?.TrySetResult();

    /// <summary>Completes the caller's wait with an exception.</summary>
    public void Fail(Exception exception) => caller?.TrySetException(exception);

    private TableAction? DecideEnter(string rowKey, PresenceRow row)
    {
        if (found is null)
        {
            (Entered, Left) = (row, null);
            return new TableAction.Insert(rowKey, row.ToProperties());
        }

        if (string.Equals(found.Row.Change, row.Change, StringComparison.Ordinal))
        {
            // The change's own write, after a lost response: announce it as decided then.
            return null;
        }

        if (string.Equals(found.Row.UserName, row.UserName, StringComparison.Ordinal))
        {
            (Entered, Left) = (null, null);
            return null;
        }

        (Entered, Left) = (row, found.Row);
        return new TableAction.Replace(rowKey, row.ToProperties(), found.Tag);
    }

    private TableAction.Delete? DecideLeave(string rowKey)
    {
        if (found is null)
        {
            // After a lost response, this change has most likely removed the row: two notices are better than none.
            Left = isUncertain ? Left : null;
            return null;
        }

        if (onlyIf is { } tag && tag != found.Tag)
        {
            Left = null;
            return null;
        }

        Left = found.Row;
        return new TableAction.Delete(rowKey, found.Tag);
    }
}
