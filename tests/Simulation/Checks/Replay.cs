using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.State;

namespace ServerlessSync.Simulation.Checks;

/// <summary>
/// The dataset that follows from the base and from all that was ever in the log. No snapshot, no engine, and nothing that was stored for
/// a restore has a part in it, nor does it matter what was removed since.
/// </summary>
internal static class Replay
{
    public static async Task<byte[]> FoldAsync(World world, ProjectId project, long upTo)
    {
        var log = new ProjectLog(world.Vault, project);
        var head = (await log.ReadHeadAsync(CancellationToken.None))!.Value;
        var payload = (await log.ReadPayloadAsync(head.BaseKey, CancellationToken.None))!;
        var entries = world.Vault.Ledger.Of(project).Entries.Take((int)upTo).ToList();
        var wanted = entries.Select(static entry => entry.Restored?.Revision).OfType<long>().ToHashSet();
        var beginning = StateSnapshot.Read(payload).Dataset;
        var past = new Dictionary<long, Dataset> { [0] = beginning };
        var state = StateSnapshot.Read(payload);
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
