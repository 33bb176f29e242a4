using ServerlessSync.Support.Time;

namespace ServerlessSync.Simulation.Performance;

/// <summary>Runs a case.</summary>
internal static class LoadModel
{
    /// <summary>Callbacks of one run: a thousand clients for a minute need some hundred million.</summary>
    private const long StepsMax = 1_000_000_000;

    public static LoadResult Run(LoadCase load)
    {
        LoadResult? result = null;
        var time = new VirtualTime { StepsMax = StepsMax };
        var world = new LoadWorld(load, time);
        try
        {
            time.RunToEnd(async () => result = await world.RunAsync());
        }
        catch (InvalidOperationException exception) when (world.Failures.Count > 0)
        {
            // A client that waits for a lost message waits for ever. The first failure says more.
            throw new InvalidOperationException(string.Join('\n', world.Failures), exception);
        }

        return result!;
    }
}
