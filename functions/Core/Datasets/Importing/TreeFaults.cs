using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Importing;

/// <summary>Finds what keeps the records of an imported tree store from being a tree.</summary>
internal static class TreeFaults
{
    /// <summary>The first fault, naming store and record; null when there is none.</summary>
    public static string? Find(RecordStore store)
    {
        if (!store.IsTree)
        {
            return null;
        }

        var levels = new Dictionary<JsonId, int> { [default] = 0 };
        var chain = new List<DataRecord>();
        var onChain = new HashSet<JsonId>();
        foreach (var record in store.ByAge())
        {
            chain.Clear();
            onChain.Clear();
            for (var current = record; !levels.ContainsKey(current.Id);)
            {
                if (!onChain.Add(current.Id))
                {
                    return $"{store.Name}: record {current.Id} is its own ancestor";
                }

                chain.Add(current);
                if (levels.ContainsKey(current.Parent))
                {
                    break;
                }

                if (store.Find(current.Parent) is not { } parent)
                {
                    return $"{store.Name}: the parent {current.Parent} of record {current.Id} does not exist";
                }

                current = parent;
            }

            for (var index = chain.Count - 1; index >= 0; index--)
            {
                var level = levels[chain[index].Parent] + 1;
                if (level > DatasetLimits.TreeLevelsMax)
                {
                    return $"{store.Name}: record {chain[index].Id} is below level {DatasetLimits.TreeLevelsMax}";
                }

                levels[chain[index].Id] = level;
            }
        }

        return null;
    }
}
