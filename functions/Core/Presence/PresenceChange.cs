using System.Diagnostics;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Presence;

/// <summary>
/// One caller's wish on its way through the loop: what it wants, what the table says about it, what became of it.
/// Used by one thread of work at a time; only <see cref="AwaitedBy"/> and what is read afterwards are for the caller.
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

    /// <summary>The row it concerns; null when it only asks for a list that is due.</summary>
    public string? RowKey { get; }

    /// <summary>Whether the row must be read before the next attempt.</summary>
    public bool NeedsRow { get; private set; }

    /// <summary>Who comes, once it is stored; null when nobody does.</summary>
    public PresenceRow? Came { get; private set; }

    /// <summary>Who leaves, once it is stored; null when nobody does.</summary>
    public PresenceRow? Gone { get; private set; }

    /// <summary>Somebody comes. Nearly always there is no row yet, so it is read only after an insert was refused.</summary>
    public static PresenceChange Enter(PresenceRow row) =>
        new(PresenceRow.KeyOf(row.Connection), row, removed: null, needsRow: false);

    /// <summary>Somebody leaves.</summary>
    public static PresenceChange Leave(ConnectionId connection) =>
        new(PresenceRow.KeyOf(connection), wanted: null, removed: null, needsRow: true);

    /// <summary>Removes a row if it is still the one that was judged.</summary>
    public static PresenceChange Remove(StoredPresence row) =>
        new(row.RowKey, wanted: null, row, needsRow: false);

    /// <summary>Changes nothing; sends the list if one is due.</summary>
    public static PresenceChange Check() => new(rowKey: null, wanted: null, removed: null, needsRow: false);

    /// <summary>Who is told the end; set before the change is posted.</summary>
    public void AwaitedBy(TaskCompletionSource awaiting) => caller = awaiting;

    /// <summary>Takes in the row as it stands now.</summary>
    public void Found(StoredPresence? row)
    {
        found = row;
        NeedsRow = false;
    }

    /// <summary>A transaction with this change was refused, or (<paramref name="maybeStored"/>) may have been carried out.</summary>
    public void Doubt(bool maybeStored)
    {
        NeedsRow = RowKey is not null;
        isUncertain |= maybeStored;
    }

    /// <summary>What to write, given the row as it stands; null when nothing is left to do.</summary>
    public TableAction? Decide()
    {
        Debug.Assert(!NeedsRow, "a change is decided on the row as it stands");
        if (RowKey is null)
        {
            return null;
        }

        return wanted is null ? DecideLeave(RowKey) : DecideEnter(RowKey, wanted);
    }

    /// <summary>The caller goes on.</summary>
    public void Complete() => caller?.TrySetResult();

    /// <summary>The caller gets the exception.</summary>
    public void Fail(Exception exception) => caller?.TrySetException(exception);

    private TableAction? DecideEnter(string rowKey, PresenceRow row)
    {
        if (found is null)
        {
            (Came, Gone) = (row, null);
            return new TableAction.Insert(rowKey, row.ToProperties());
        }

        if (string.Equals(found.Row.Change, row.Change, StringComparison.Ordinal))
        {
            // Our own write, whose answer was lost: it stands, and is announced as it was decided then.
            return null;
        }

        if (string.Equals(found.Row.UserName, row.UserName, StringComparison.Ordinal))
        {
            (Came, Gone) = (null, null);
            return null;
        }

        (Came, Gone) = (row, found.Row);
        return new TableAction.Replace(rowKey, row.ToProperties(), found.Tag);
    }

    private TableAction.Delete? DecideLeave(string rowKey)
    {
        if (found is null)
        {
            // After a lost answer the row is most likely gone by our own hand: telling twice is better than never.
            Gone = isUncertain ? Gone : null;
            return null;
        }

        if (onlyIf is { } tag && tag != found.Tag)
        {
            Gone = null;
            return null;
        }

        Gone = found.Row;
        return new TableAction.Delete(rowKey, found.Tag);
    }
}
