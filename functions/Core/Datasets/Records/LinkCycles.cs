namespace ServerlessSync.Core.Datasets.Records;

/// <summary>
/// Finds the dependencies that close a cycle. Loading a cycle crashes a client, so the newest link of each cycle is
/// served inactive. The clients' own conflict resolution does the same a moment later
/// (docs/protocol-facts.md#conflicts).
/// </summary>
/// <remarks>
/// A summary task passes its constraints down to its descendants and ends when they end. A task is therefore two nodes,
/// one for its constraints and one for its dates. A link leads from the dates of one task to the constraints of
/// another.
/// </remarks>
internal sealed class LinkCycles
{
    // When entangled cycles cost more steps than this, all remaining links become inactive: that is safe to load, and
    // the time stays below a second.
    private const int StepsMax = 20_000_000;

    private const int Tree = -1;

    private readonly List<(int Link, int From, int To)> edges;
    private readonly Dictionary<DataRecord, int> tasks;
    private readonly Func<DataRecord, DataRecord?> parentOf;
    private readonly bool[] closing;
    private int steps;

    private LinkCycles(int links, Func<DataRecord, DataRecord?> parentOf)
    {
        // Most tasks have one or two links, and each task adds three edges of the tree.
        edges = new List<(int, int, int)>(4 * links);
        tasks = new Dictionary<DataRecord, int>(links, ReferenceEqualityComparer.Instance);
        this.parentOf = parentOf;
        closing = new bool[links];
    }

    /// <summary>For each link, in the given order, whether it must be served inactive.</summary>
    /// <param name="links">The ends of the active links, oldest link first.</param>
    /// <param name="parentOf">The parent of a task; null for none.</param>
    public static bool[] FindClosing(
        IReadOnlyList<(DataRecord From, DataRecord To)> links,
        Func<DataRecord, DataRecord?> parentOf
    )
    {
        var search = new LinkCycles(links.Count, parentOf);
        // The tree first: it has no cycle of its own, so only a link can close one.
        var ends = new (int From, int To)[links.Count];
        for (var link = 0; link < ends.Length; link++)
        {
            ends[link] = (search.Place(links[link].From), search.Place(links[link].To));
        }

        for (var link = 0; link < ends.Length; link++)
        {
            search.edges.Add((link, DatesOf(ends[link].From), ConstraintsOf(ends[link].To)));
        }

        search.Search();
        return search.closing;
    }

    private static int ConstraintsOf(int task) => 2 * task;

    private static int DatesOf(int task) => (2 * task) + 1;

    // The number of a task. Tasks without links to them or their descendants cannot be part of a cycle and get none.
    private int Place(DataRecord linked)
    {
        var first = -1;
        var child = -1;
        for (var record = linked; record is not null; record = parentOf(record))
        {
            var isNew = !tasks.TryGetValue(record, out var task);
            if (isNew)
            {
                task = tasks.Count;
                tasks.Add(record, task);
                edges.Add((Tree, ConstraintsOf(task), DatesOf(task)));
            }

            if (child >= 0)
            {
                edges.Add((Tree, ConstraintsOf(task), ConstraintsOf(child)));
                edges.Add((Tree, DatesOf(child), DatesOf(task)));
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
        // Nearly always, these two leave nothing for the search below.
        var alive = new bool[2 * tasks.Count];
        Array.Fill(alive, value: true);
        Peel(alive, forward: true);
        Peel(alive, forward: false);

        var reach = new Reach(alive.Length, edges.Count);
        for (var edge = 0; edge < edges.Count; edge++)
        {
            var (link, from, to) = edges[edge];
            if (!alive[from] || !alive[to])
            {
                continue;
            }

            if (link != Tree && (steps > StepsMax || reach.Leads(to, from, ref steps)))
            {
                closing[link] = true;
                continue;
            }

            reach.Add(edge, from, to);
        }
    }

    // Removes nodes without incoming (or outgoing) edges until only cycles and the paths between them are left.
    private void Peel(bool[] alive, bool forward)
    {
        var incoming = new int[alive.Length];
        // The targets of each node are contiguous, in the order of the nodes.
        var ends = new int[alive.Length + 1];
        foreach (var (_, from, to) in edges)
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
        foreach (var (_, from, to) in edges)
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

    /// <summary>Edges by source node, and a search along them; all searches share one set of arrays.</summary>
    private sealed class Reach
    {
        private const int None = -1;

        private readonly int[] firstEdge;
        private readonly int[] nextEdge;
        private readonly int[] targets;
        private readonly int[] seenBy;
        private readonly Stack<int> open = new();
        private int searches;

        public Reach(int nodes, int edges)
        {
            firstEdge = new int[nodes];
            Array.Fill(firstEdge, None);
            nextEdge = new int[edges];
            targets = new int[edges];
            seenBy = new int[nodes];
        }

        public void Add(int edge, int from, int to)
        {
            targets[edge] = to;
            nextEdge[edge] = firstEdge[from];
            firstEdge[from] = edge;
        }

        public bool Leads(int start, int goal, ref int steps)
        {
            searches++;
            seenBy[start] = searches;
            open.Clear();
            open.Push(start);
            while (open.TryPop(out var node))
            {
                if (node == goal)
                {
                    return true;
                }

                for (var edge = firstEdge[node]; edge != None; edge = nextEdge[edge])
                {
                    steps++;
                    var next = targets[edge];
                    if (seenBy[next] != searches)
                    {
                        seenBy[next] = searches;
                        open.Push(next);
                    }
                }
            }

            return false;
        }
    }
}
