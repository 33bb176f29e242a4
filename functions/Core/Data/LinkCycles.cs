using ServerlessSync.Core.Identity;

namespace ServerlessSync.Core.Data;

/// <summary>
/// Finds the dependencies that close a cycle. A client that loads a cycle is dead, so the newest link of each is served
/// switched off, which is what the clients' own resolution says a moment later (bryntum-protocol.md 4.2 and 7).
/// </summary>
internal sealed class LinkCycles
{
    // Where a tangle of cycles costs more steps than this, all its remaining links are switched off: safe to load, and
    // the time stays below a second.
    private const int StepsMax = 20_000_000;

    private readonly List<(JsonId Record, int From, int To)> _edges = [];
    private readonly Dictionary<JsonId, int> _nodes = [];
    private readonly HashSet<JsonId> _closing = [];
    private int _steps;

    /// <summary>The ids of the links to switch off.</summary>
    /// <param name="links">The active links, oldest first.</param>
    public static HashSet<JsonId> FindClosing(IEnumerable<KeyValuePair<JsonId, Link>> links)
    {
        var search = new LinkCycles();
        foreach (var (record, link) in links)
        {
            search._edges.Add((record, search.NodeOf(link.First), search.NodeOf(link.Second)));
        }

        search.Search();
        return search._closing;
    }

    private int NodeOf(JsonId task)
    {
        if (!_nodes.TryGetValue(task, out var node))
        {
            node = _nodes.Count;
            _nodes.Add(task, node);
        }

        return node;
    }

    private void Search()
    {
        // Nearly always nothing remains after these two, and the search below has no work.
        var alive = new bool[_nodes.Count];
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

            if (_steps > StepsMax || Reaches(successors, to, from))
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
        var outgoing = new List<int>?[alive.Length];
        foreach (var (_, from, to) in _edges)
        {
            var (source, target) = forward ? (from, to) : (to, from);
            if (alive[source] && alive[target])
            {
                incoming[target]++;
                (outgoing[source] ??= []).Add(target);
            }
        }

        var free = new Stack<int>(Enumerable.Range(0, alive.Length).Where(node => alive[node] && incoming[node] == 0));
        while (free.TryPop(out var node))
        {
            alive[node] = false;
            foreach (var target in outgoing[node] ?? [])
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
