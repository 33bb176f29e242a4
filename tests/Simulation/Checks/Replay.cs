using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.State;

namespace ServerlessSync.Simulation.Checks;

/// <summary>
/// Computes a dataset from the beginning of the log and all entries since, as the ledger recorded them. It uses no snapshot and no engine, and does not
/// depend on what was removed from storage.
/// </summary>
internal static class Replay
{
    public static byte[] Fold(World world, ProjectId project, long upTo)
    {
        var account = world.Vault.Ledger.Of(project);
        var period = account.Periods.Last(period => period.Anchor <= upTo);
        var entries = account.Between(period.Anchor, upTo).ToList();
        var wanted = entries.Select(static entry => entry.Restored?.Revision).OfType<long>().ToHashSet();
        var beginning = StateSnapshot.Read(period.Base).Dataset;
        var state = StateSnapshot.Read(period.State);
        var past = new Dictionary<long, Dataset> { [period.Anchor] = state.Dataset.Clone() };
        foreach (var entry in entries)
        {
            state.Apply(entry, entry.Restored is { } restored ? past[restored.Revision] : beginning);
            if (wanted.Contains(entry.Revision))
            {
                past[entry.Revision] = state.Dataset.Clone();
            }
        }

        return state.Dataset.ToClientJson().ToArray();
    }
}
