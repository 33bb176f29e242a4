using System.Text.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Folding;

/// <summary>A record's wish to stand under a parent; the empty id makes it a root.</summary>
internal readonly record struct ParentWish(JsonId Id, JsonId Parent);

/// <summary>
/// Which wishes of one change set leave a tree a tree. It looks at the state that the whole set wants, not at one after
/// the other: a child may be listed before its parent, and two records may change places.
/// </summary>
internal sealed class ParentPlan
{
    // Each round grants at least the wish that is highest in the wanted tree. Real change sets need one or two.
    private const int RoundsMax = 32;

    private readonly RecordStore store;
    private readonly Dictionary<JsonId, JsonId> parents = [];

    /// <summary>Decides.</summary>
    /// <param name="store">The tree as it is.</param>
    /// <param name="added">Wishes of records in <c>added</c>, also of such as exist already.</param>
    /// <param name="moved">Wishes of records in <c>updated</c>; unknown records are passed over.</param>
    public ParentPlan(RecordStore store, IEnumerable<ParentWish> added, IEnumerable<ParentWish> moved)
    {
        this.store = store;
        var newcomers = new Dictionary<JsonId, JsonId>();
        var readded = new List<ParentWish>();
        foreach (var wish in added)
        {
            // A newcomer that is listed again is a move of what its first mention made.
            if (store.Contains(wish.Id) || !newcomers.TryAdd(wish.Id, wish.Parent))
            {
                readded.Add(wish);
            }
        }

        Admit(newcomers);
        Grant([.. readded.Where(wish => IsThere(wish.Id))], RejectedAdded);
        Grant([.. moved.Where(wish => IsThere(wish.Id))], RejectedMoved);
    }

    /// <summary>Records of <c>added</c> whose parent is not there, or is below them.</summary>
    public HashSet<JsonId> RejectedAdded { get; } = [];

    /// <summary>Records of <c>updated</c> whose new parent is not there, or is below them.</summary>
    public HashSet<JsonId> RejectedMoved { get; } = [];

    /// <summary>The plan of a decided change set, in which all ids are real.</summary>
    public static ParentPlan For(
        RecordStore store,
        IReadOnlyList<(JsonId Id, JsonElement Record)> added,
        IReadOnlyList<(JsonId Id, JsonElement Record)> updated
    )
    {
        var wishes = new List<ParentWish>();
        foreach (var (id, record) in added)
        {
            var place = Placement.Of(record);
            if (place.StatesParent || !store.Contains(id))
            {
                wishes.Add(new ParentWish(id, place.Parent));
            }
        }

        var moves = new List<ParentWish>();
        foreach (var (id, record) in updated)
        {
            var place = Placement.Of(record);
            if (place.StatesParent)
            {
                moves.Add(new ParentWish(id, place.Parent));
            }
        }

        return new ParentPlan(store, wishes, moves);
    }

    /// <summary>The parent of a record once the plan is carried out.</summary>
    public JsonId ParentOf(JsonId id) =>
        parents.TryGetValue(id, out var parent) ? parent : store.Find(id)?.Parent ?? default;

    /// <summary>A record that would come to stand below <see cref="DatasetLimits.TreeLevelsMax"/>; empty when none does.</summary>
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

    /// <summary>Whether there is such a record once the plan is carried out.</summary>
    public bool IsThere(JsonId id) => parents.ContainsKey(id) || store.Contains(id);

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

            // Here the chain has left the newcomers, met one that is decided, or bitten its tail.
            var isAdmitted = current.IsEmpty || IsThere(current);
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

    private void Grant(List<ParentWish> wishes, HashSet<JsonId> rejected)
    {
        var open = wishes;
        for (var round = 0; round < RoundsMax && open.Count > 0; round++)
        {
            var deferred = new List<ParentWish>();
            foreach (var wish in open)
            {
                if (IsPossible(wish))
                {
                    parents[wish.Id] = wish.Parent;
                }
                else
                {
                    deferred.Add(wish);
                }
            }

            if (deferred.Count == open.Count)
            {
                break;
            }

            open = deferred;
        }

        rejected.UnionWith(open.Where(wish => !IsPossible(wish)).Select(wish => wish.Id));
    }

    private bool IsPossible(ParentWish wish)
    {
        if (!wish.Parent.IsEmpty && !IsThere(wish.Parent))
        {
            return false;
        }

        for (var above = wish.Parent; !above.IsEmpty; above = ParentOf(above))
        {
            if (above == wish.Id)
            {
                return false;
            }
        }

        return true;
    }
}
