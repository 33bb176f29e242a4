using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Engine.Subscribing;

/// <summary>
/// What waits to be done under the lease, each item with the time before which it must not be done. Outlives the lease: its clients wait
/// for an answer, or for a dataset that they are owed, from whichever engine holds it next.
/// </summary>
internal sealed class OutgoingQueue(TimeProvider time)
{
    private readonly SortedSet<JoinItem> byDueTime = new(
        Comparer<JoinItem>.Create(static (left, right) => (left.NotBefore, left.Number).CompareTo((right.NotBefore, right.Number)))
    );

    private readonly JoinIndex byConnection = new();
    private long number;

    public Queue<LeaveItem> Leaves { get; } = new();

    public Queue<RepeatItem> Repeats { get; } = new();

    /// <summary>Whether the service is to be asked for debts that other engines may have left.</summary>
    public bool LooksForDebts { get; set; }

    /// <summary>Whether nothing waits; an engine that is still to ask for debts must not retire before it has held the lease.</summary>
    public bool IsEmpty => byDueTime.Count == 0 && Leaves.Count == 0 && Repeats.Count == 0 && !LooksForDebts;

    /// <summary>All joins, by due time.</summary>
    public IReadOnlyCollection<JoinItem> Joins => byDueTime;

    /// <summary>How long until something is due; zero when it is now, null when nothing waits.</summary>
    public TimeSpan? UntilDue()
    {
        if (Leaves.Count > 0 || Repeats.Count > 0 || LooksForDebts)
        {
            return TimeSpan.Zero;
        }

        var now = time.GetTimestamp();
        return byDueTime.Min is not { } first ? null
            : first.NotBefore <= now ? TimeSpan.Zero
            : time.GetElapsedTime(now, first.NotBefore);
    }

    /// <summary>The joins that are due now, in the order in which they became due.</summary>
    public List<JoinItem> FindDue()
    {
        var now = time.GetTimestamp();
        return [.. byDueTime.TakeWhile(item => item.NotBefore <= now)];
    }

    public IReadOnlyList<JoinItem> Of(ConnectionId connection) => byConnection.Of(connection);

    /// <summary>Adds a join; its due time must not change before it is removed.</summary>
    public void Add(JoinItem item)
    {
        item.Number = item.Number == 0 ? ++number : item.Number;
        if (byDueTime.Add(item))
        {
            byConnection.Add(item);
        }
    }

    /// <summary>Adds a join, or moves it, so that it is due now.</summary>
    public void AddDue(JoinItem item)
    {
        Remove(item);
        item.NotBefore = 0;
        Add(item);
    }

    public void Remove(JoinItem item)
    {
        if (byDueTime.Remove(item))
        {
            byConnection.Remove(item);
        }
    }

    public void Clear()
    {
        byDueTime.Clear();
        byConnection.Clear();
        Leaves.Clear();
        Repeats.Clear();
    }
}

/// <summary>Joins by connection: few of one, among many.</summary>
internal sealed class JoinIndex
{
    private readonly Dictionary<ConnectionId, List<JoinItem>> joins = [];

    /// <summary>A copy, so that items can be removed while it is read.</summary>
    public IReadOnlyList<JoinItem> Of(ConnectionId connection) => joins.TryGetValue(connection, out var items) ? [.. items] : [];

    public void Add(JoinItem item)
    {
        if (!joins.TryGetValue(item.Origin.Connection, out var items))
        {
            joins[item.Origin.Connection] = items = [];
        }

        items.Add(item);
    }

    public void Remove(JoinItem item)
    {
        if (joins.TryGetValue(item.Origin.Connection, out var items) && items.Remove(item) && items.Count == 0)
        {
            joins.Remove(item.Origin.Connection);
        }
    }

    public void Clear() => joins.Clear();
}
