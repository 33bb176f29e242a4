namespace ServerlessSync.Core.Datasets.Records;

/// <summary>
/// Finds the dependencies that close a cycle. A client that loads a cycle is dead, so the newest link of each is served
/// switched off, which is what the clients' own resolution says a moment later (docs/protocol-facts.md#conflicts).
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

    private const int Tree = -1;

    private readonly List<(int Link, int From, int To)> _edges;
    private readonly Dictionary<DataRecord, int> _tasks;
    private readonly Func<DataRecord, DataRecord?> _parentOf;
    private readonly bool[] _closing;
    private int _steps;

    private LinkCycles(int links, Func<DataRecord, DataRecord?> parentOf)
    {
        // Most tasks have a link or two, and each brings three edges of the tree.
        _edges = new List<(int, int, int)>(4 * links);
        _tasks = new Dictionary<DataRecord, int>(links, ReferenceEqualityComparer.Instance);
        _parentOf = parentOf;
        _closing = new bool[links];
    }

    /// <summary>Which links to switch off, in the order in which they were given.</summary>
    /// <param name="links">The tasks that the active links join, oldest link first.</param>
    /// <param name="parentOf">The task that a task is below; null for none.</param>
    public static bool[] FindClosing(
        IReadOnlyList<(DataRecord From, DataRecord To)> links,
        Func<DataRecord, DataRecord?> parentOf
    )
    {
        var search = new LinkCycles(links.Count, parentOf);
        // The tree comes first: it is a tree whatever the links are, so only a link can close a cycle.
        var ends = new (int From, int To)[links.Count];
        for (var link = 0; link < ends.Length; link++)
        {
            ends[link] = (search.Place(links[link].From), search.Place(links[link].To));
        }

        for (var link = 0; link < ends.Length; link++)
        {
            search._edges.Add((link, DatesOf(ends[link].From), ConstraintsOf(ends[link].To)));
        }

        search.Search();
        return search._closing;
    }

    private static int ConstraintsOf(int task) => 2 * task;

    private static int DatesOf(int task) => (2 * task) + 1;

    // Gives the number of a task. What has no link, and none below it, cannot be part of a cycle and gets none.
    private int Place(DataRecord linked)
    {
        var first = -1;
        var child = -1;
        for (var record = linked; record is not null; record = _parentOf(record))
        {
            var isNew = !_tasks.TryGetValue(record, out var task);
            if (isNew)
            {
                task = _tasks.Count;
                _tasks.Add(record, task);
                _edges.Add((Tree, ConstraintsOf(task), DatesOf(task)));
            }

            if (child >= 0)
            {
                _edges.Add((Tree, ConstraintsOf(task), ConstraintsOf(child)));
                _edges.Add((Tree, DatesOf(child), DatesOf(task)));
            }
            else
            {
                first = task;
            }

            if (!isNew)
            {
                break;
            }

            child = task;
        }

        return first;
    }

    private void Search()
    {
        // Nearly always nothing remains after these two, and the search below has no work.
        var alive = new bool[2 * _tasks.Count];
        Array.Fill(alive, value: true);
        Peel(alive, forward: true);
        Peel(alive, forward: false);

        var reach = new Reach(alive.Length, _edges.Count);
        for (var edge = 0; edge < _edges.Count; edge++)
        {
            var (link, from, to) = _edges[edge];
            if (!alive[from] || !alive[to])
            {
                continue;
            }

            if (link != Tree && (_steps > StepsMax || reach.Leads(to, from, ref _steps)))
            {
                _closing[link] = true;
                continue;
            }

            reach.Add(edge, from, to);
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

    /// <summary>Edges by the node that they leave, and the search along them; one set of arrays for all searches.</summary>
    private sealed class Reach
    {
        private const int None = -1;

        private readonly int[] _first;
        private readonly int[] _next;
        private readonly int[] _target;
        private readonly int[] _seenBy;
        private readonly Stack<int> _open = new();
        private int _searches;

        public Reach(int nodes, int edges)
        {
            _first = new int[nodes];
            Array.Fill(_first, None);
            _next = new int[edges];
            _target = new int[edges];
            _seenBy = new int[nodes];
        }

        public void Add(int edge, int from, int to)
        {
            _target[edge] = to;
            _next[edge] = _first[from];
            _first[from] = edge;
        }

        public bool Leads(int start, int goal, ref int steps)
        {
            _searches++;
            _seenBy[start] = _searches;
            _open.Clear();
            _open.Push(start);
            while (_open.TryPop(out var node))
            {
                if (node == goal)
                {
                    return true;
                }

                for (var edge = _first[node]; edge != None; edge = _next[edge])
                {
                    steps++;
                    var next = _target[edge];
                    if (_seenBy[next] != _searches)
                    {
                        _seenBy[next] = _searches;
                        _open.Push(next);
                    }
                }
            }

            return false;
        }
    }
}
