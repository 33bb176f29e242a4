using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Engine.Subscribing;

/// <summary>
/// What was done under a lease and does not count before a head write has confirmed the lease. Part of a <see cref="LeaseSession"/>; when
/// that is lost, or a send has no known outcome, all of it is done again.
/// </summary>
internal sealed class UnconfirmedWork
{
    private readonly Dictionary<JoinItem, ProjectOutcome?> joins = [];
    private readonly JoinIndex byConnection = new();

    public List<LeaveItem> Leaves { get; } = [];

    public List<RepeatItem> Repeats { get; } = [];

    /// <summary>Joins, each with its answer; null when the join continues later, or is under way.</summary>
    public IReadOnlyDictionary<JoinItem, ProjectOutcome?> Joins => joins;

    public bool IsEmpty => joins.Count == 0 && Leaves.Count == 0 && Repeats.Count == 0;

    public IReadOnlyList<JoinItem> Of(ConnectionId connection) => byConnection.Of(connection);

    /// <summary>A phase of a join begins, or has ended with this outcome.</summary>
    public void Set(JoinItem item, ProjectOutcome? outcome)
    {
        if (joins.TryAdd(item, outcome))
        {
            byConnection.Add(item);
        }
        else
        {
            joins[item] = outcome;
        }
    }

    public void Remove(JoinItem item)
    {
        if (joins.Remove(item))
        {
            byConnection.Remove(item);
        }
    }

    public void Clear()
    {
        joins.Clear();
        byConnection.Clear();
        Leaves.Clear();
        Repeats.Clear();
    }
}
