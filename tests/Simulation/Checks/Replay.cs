using ServerlessSync.Core.Data;
using ServerlessSync.Core.Identity;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Sequencing;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Simulation.Checks;

/// <summary>The dataset that follows from the base and the log alone; no snapshot and no engine has a part in it.</summary>
internal static class Replay
{
    public static async Task<byte[]> FoldAsync(ITableStore store, ProjectId project, long upTo)
    {
        var log = new ProjectLog(store, project);
        var head = (await log.ReadHeadAsync(CancellationToken.None))!.Value;
        var payload = (await log.ReadPayloadAsync(head.BaseKey, CancellationToken.None))!;
        Dataset beginning = StateSnapshot.Read(payload).Dataset;
        var state = StateSnapshot.Read(payload);
        await foreach (var commit in log.ReadCommitsAsync(0, upTo, CancellationToken.None))
        {
            state.Fold(commit, beginning);
        }

        return state.Dataset.ToClientJson();
    }
}
