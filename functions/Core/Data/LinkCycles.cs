using ServerlessSync.Core.Identity;

namespace ServerlessSync.Core.Data;

/// <summary>
/// Finds the dependencies that close a cycle. A client that loads a cycle is dead, so the newest link of each is served
/// switched off, which is what the clients' own resolution says a moment later (bryntum-protocol.md 4.2 and 7).
/// </summary>
/// <remarks>
/// A summary task hands what constrains it down to what is below it, and ends when that ends. So a task is two nodes, one
/// for what constrains it and one for its dates; a link leads from the dates of a task to the constraints of another.
/// </remarks>
internal sealed class LinkCycles
{
    // Where a tangle of cycles costs more steps than this, all its remaining links are switched off: safe to load, and
    // the time stays below a second.
    private const int StepsMax = 20_000_000;

    private readonly List<(JsonId Record, int From, int To)> _edges = [];
    private readonly Dictionary<JsonId, int> _tasks = [];
    private readonly Func<JsonId, JsonId> _parentOf;
    private readonly HashSet<JsonId> _closing = [];
    private int _steps;

    private LinkCycles(Func<JsonId, JsonId> parentOf) => _parentOf = parentOf;

    /// <summary>The ids of the links to switch off.</summary>
    /// <param name="links">The active links, oldest first.</param>
    /// <param name="parentOf">The task that a task is below; empty for none.</param>
    public static HashSet<JsonId> FindClosing(
        IReadOnlyCollection<KeyValuePair<JsonId, Link>> links,
        Func<JsonId, JsonId> parentOf
    )
    {
        var search = new LinkCycles(parentOf);
        // The tree comes first: it is a tree whatever the links are, so only a link can close a cycle.
        foreach (var (_, link) in links)
        {
            search.Place(link.First);
            search.Place(link.Second);
        }

        foreach (var (record, link) in links)
        {
            var (from, to) = (search._tasks[link.First], search._tasks[link.Second]);
            search._edges.Add((record, DatesOf(from), ConstraintsOf(to)));
        }

        search.Search();
        return search._closing;
    }

    private static int ConstraintsOf(int task) => 2 * task;

    private static int DatesOf(int task) => (2 * task) + 1;

    // What has no link, and none below it, cannot be part of a cycle.
    private void Place(JsonId linked)
    {
        var child = -1;
        for (var id = linked; !id.IsEmpty; id = _parentOf(id))
        {
            var isNew = !_tasks.TryGetValue(id, out var task);
            if (isNew)
            {
                task = _tasks.Count;
                _tasks.Add(id, task);
                _edges.Add((default, ConstraintsOf(task), DatesOf(task)));
            }

            if (child >= 0)
            {
                _edges.Add((default, ConstraintsOf(task), ConstraintsOf(child)));
                _edges.Add((default, DatesOf(child), DatesOf(task)));
            }

            if (!isNew)
            {
                return;
            }

            child = task;
        }
    }

    private void Search()
    {
        // Nearly always nothing remains after these two, and the search below has no work.
        var alive = new bool[2 * _tasks.Count];
        Array.Fill(alive, value: true);
        Peel(alive, forward: true);
        Peel(alive, forward: false);

        var successors = new Dictionary<int, List<int>>();
        foreach (var (record, from, to) in _edges)
        {
            if (!alive[from] || !alive[to])
            {
                continue;
            }

            if (!record.IsEmpty && (_steps > StepsMax || Reaches(successors, to, from)))
            {
                _closing.Add(record);
                continue;
            }

            if (!successors.TryGetValue(from, out var next))
            {
                next = [];
                successors.Add(from, next);
            }

            next.Add(to);
        }
    }

    // Removes nodes that nothing leads to (or that lead to nothing) until only cycles and what joins them are left.
    private void Peel(bool[] alive, bool forward)
    {
        var incoming = new int[alive.Length];
        // The targets of a node stand together: behind those of the node before it.
        var ends = new int[alive.Length + 1];
        foreach (var (_, from, to) in _edges)
        {
            var (source, target) = forward ? (from, to) : (to, from);
            if (alive[source] && alive[target])
            {
                incoming[target]++;
                ends[source + 1]++;
            }
        }

        for (var node = 0; node < alive.Length; node++)
        {
            ends[node + 1] += ends[node];
        }

        var targets = new int[ends[^1]];
        foreach (var (_, from, to) in _edges)
        {
            var (source, target) = forward ? (from, to) : (to, from);
            if (alive[source] && alive[target])
            {
                targets[ends[source]++] = target;
            }
        }

        Remove(alive, incoming, node => targets.AsSpan((node == 0 ? 0 : ends[node - 1])..ends[node]));
    }

    private static void Remove(bool[] alive, int[] incoming, Func<int, ReadOnlySpan<int>> targetsOf)
    {
        var free = new Stack<int>(alive.Length);
        for (var node = 0; node < alive.Length; node++)
        {
            if (alive[node] && incoming[node] == 0)
            {
                free.Push(node);
            }
        }

        while (free.TryPop(out var node))
        {
            alive[node] = false;
            foreach (var target in targetsOf(node))
            {
                if (--incoming[target] == 0)
                {
                    free.Push(target);
                }
            }
        }
    }

    private bool Reaches(Dictionary<int, List<int>> successors, int start, int goal)
    {
        var seen = new HashSet<int> { start };
        var open = new Stack<int>([start]);
        while (open.TryPop(out var node))
        {
            if (node == goal)
            {
                return true;
            }

            foreach (var next in successors.GetValueOrDefault(node) ?? [])
            {
                _steps++;
                if (seen.Add(next))
                {
                    open.Push(next);
                }
            }
        }

        return false;
    }
}
