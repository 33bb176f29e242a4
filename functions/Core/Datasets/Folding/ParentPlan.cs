using System.Text.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Folding;

/// <summary>A record's requested parent; the empty id makes it a root.</summary>
internal readonly record struct ParentRequest(JsonId Id, JsonId Parent);

/// <summary>
/// Decides which parent requests of one change set keep a tree free of cycles. It judges the state that the whole set
/// requests, not one request after the other: a child may be listed before its parent, and two records may swap
/// positions.
/// </summary>
internal sealed class ParentPlan
{
    // Each round grants at least the topmost request of the requested tree. Real change sets need one or two rounds.
    private const int RoundsMax = 32;

    private readonly RecordStore store;
    private readonly Dictionary<JsonId, JsonId> parents = [];

    /// <summary>Creates the plan.</summary>
    /// <param name="store">The tree as it is.</param>
    /// <param name="added">Requests of records in <c>added</c>, including existing records.</param>
    /// <param name="moved">Requests of records in <c>updated</c>; unknown records are skipped.</param>
    public ParentPlan(RecordStore store, IEnumerable<ParentRequest> added, IEnumerable<ParentRequest> moved)
    {
        this.store = store;
        var newcomers = new Dictionary<JsonId, JsonId>();
        var readded = new List<ParentRequest>();
        foreach (var request in added)
        {
            // A newcomer that is listed again moves the record of its first listing.
            if (store.Contains(request.Id) || !newcomers.TryAdd(request.Id, request.Parent))
            {
                readded.Add(request);
            }
        }

        Admit(newcomers);
        Grant([.. readded.Where(request => Exists(request.Id))], RejectedAdded);
        Grant([.. moved.Where(request => Exists(request.Id))], RejectedMoved);
    }

    /// <summary>Records of <c>added</c> whose parent does not exist or is a descendant.</summary>
    public HashSet<JsonId> RejectedAdded { get; } = [];

    /// <summary>Records of <c>updated</c> whose new parent does not exist or is a descendant.</summary>
    public HashSet<JsonId> RejectedMoved { get; } = [];

    /// <summary>The plan of a decided change set, in which all ids are real.</summary>
    public static ParentPlan For(
        RecordStore store,
        IReadOnlyList<(JsonId Id, JsonElement Record)> added,
        IReadOnlyList<(JsonId Id, JsonElement Record)> updated
    )
    {
        var requests = new List<ParentRequest>();
        foreach (var (id, record) in added)
        {
            var place = Placement.Of(record);
            if (place.StatesParent || !store.Contains(id))
            {
                requests.Add(new ParentRequest(id, place.Parent));
            }
        }

        var moves = new List<ParentRequest>();
        foreach (var (id, record) in updated)
        {
            var place = Placement.Of(record);
            if (place.StatesParent)
            {
                moves.Add(new ParentRequest(id, place.Parent));
            }
        }

        return new ParentPlan(store, requests, moves);
    }

    /// <summary>The parent of a record after the plan.</summary>
    public JsonId ParentOf(JsonId id) =>
        parents.TryGetValue(id, out var parent) ? parent : store.Find(id)?.Parent ?? default;

    /// <summary>A record that would be below <see cref="DatasetLimits.TreeLevelsMax"/>; empty when none would.</summary>
    public JsonId FindTooDeep()
    {
        foreach (var id in parents.Keys)
        {
            var level = 1;
            for (var above = ParentOf(id); !above.IsEmpty; above = ParentOf(above))
            {
                if (++level > DatasetLimits.TreeLevelsMax)
                {
                    return id;
                }
            }
        }

        return default;
    }

    /// <summary>Whether a record exists after the plan.</summary>
    public bool Exists(JsonId id) => parents.ContainsKey(id) || store.Contains(id);

    private void Admit(Dictionary<JsonId, JsonId> newcomers)
    {
        var chain = new List<JsonId>();
        var onChain = new HashSet<JsonId>();
        foreach (var first in newcomers.Keys)
        {
            chain.Clear();
            onChain.Clear();
            var current = first;
            while (newcomers.TryGetValue(current, out var parent) && !IsDecided(current) && onChain.Add(current))
            {
                chain.Add(current);
                current = parent;
            }

            // The chain has left the newcomers, met a decided one, or closed a cycle.
            var isAdmitted = current.IsEmpty || Exists(current);
            foreach (var id in chain)
            {
                if (isAdmitted)
                {
                    parents[id] = newcomers[id];
                }
                else
                {
                    RejectedAdded.Add(id);
                }
            }
        }
    }

    private bool IsDecided(JsonId id) => parents.ContainsKey(id) || RejectedAdded.Contains(id);

    private void Grant(List<ParentRequest> requests, HashSet<JsonId> rejected)
    {
        var open = requests;
        for (var round = 0; round < RoundsMax && open.Count > 0; round++)
        {
            var deferred = new List<ParentRequest>();
            foreach (var request in open)
            {
                if (IsPossible(request))
                {
                    parents[request.Id] = request.Parent;
                }
                else
                {
                    deferred.Add(request);
                }
            }

            if (deferred.Count == open.Count)
            {
                break;
            }

            open = deferred;
        }

        rejected.UnionWith(open.Where(request => !IsPossible(request)).Select(request => request.Id));
    }

    private bool IsPossible(ParentRequest request)
    {
        if (!request.Parent.IsEmpty && !Exists(request.Parent))
        {
            return false;
        }

        for (var above = request.Parent; !above.IsEmpty; above = ParentOf(above))
        {
            if (above == request.Id)
            {
                return false;
            }
        }

        return true;
    }
}
