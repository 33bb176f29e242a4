using ServerlessSync.Core.Storage;
using ServerlessSync.Soak.Checks;
using ServerlessSync.Soak.Clients;
using ServerlessSync.Soak.Faults;
using ServerlessSync.Soak.Processes;
using ServerlessSync.Tables.Azure;
using ServerlessSync.Tables.Sqlite;

namespace ServerlessSync.Soak;

/// <summary>One run: start, edit under faults and kills, let everybody come to rest, compare everything with the log.</summary>
internal sealed class SoakRun(SoakOptions options, TimeProvider time, TextWriter output)
{
    /// <summary>The sample projects, as JSON texts.</summary>
    private static readonly string[] Projects = ["1", "2"];

    /// <summary>Editors lose their network about once in so many messages.</summary>
    private const double CutShare = 1.0 / 5_000;

    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(10);

    /// <summary>The longest row of attempts and take-overs ends well within it.</summary>
    private static readonly TimeSpan RestMax = TimeSpan.FromMinutes(3);

    private readonly Findings findings = new();
    private readonly LatencyHistogram latencies = new();
    private readonly FaultPlan faults = new(options.Faults / 100, options.Seed, time);
    private readonly List<Crowd> crowds = [];
    private int kills;

    private long Accepted => crowds.Sum(static crowd => crowd.Accepted);

    /// <summary>Returns whether everything was right.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("serverless-sync-soak-");
        try
        {
            await RunAsync(folder.FullName, cancellationToken);
        }
        finally
        {
            crowds.ForEach(static crowd => crowd.Dispose());
            folder.Delete(recursive: true);
        }

        return findings.IsClean;
    }

    private async Task RunAsync(string folder, CancellationToken cancellationToken)
    {
        string[] storage = options.Storage is { } given ? ["--storage", given] : ["--data", folder];
        await using var fleet = await Fleet.StartAsync(options.Processes, storage, faults, cancellationToken);
        crowds.AddRange(Projects.Select(project => CrowdOf(project, fleet)));
        var start = time.GetTimestamp();
        await output.WriteLineAsync(
            $"{options.Processes} processes, {options.Editors} editors of each of {Projects.Length} projects, {options.Faults} % faults, seed {options.Seed}"
        );
        var editing = Task.WhenAll(crowds.Select(crowd => crowd.EditAsync(cancellationToken)));
        var atStart = await WatchAsync(fleet, start, editing, cancellationToken);
        crowds.ForEach(static crowd => crowd.Stop());
        await RestAsync(editing, cancellationToken);

        var took = time.GetElapsedTime(start);
        var store = Open(folder);
        foreach (var crowd in crowds)
        {
            await CheckAsync(crowd, store, cancellationToken);
        }

        await ReportAsync(fleet, atStart, took);
        if (store is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }

    private Crowd CrowdOf(string project, Fleet fleet) =>
        new(fleet.SocketUrl, project, options.Editors, long.MaxValue, CutShare, options.Seed, time)
        {
            Findings = findings,
            Latencies = latencies,
        };

    private ITableStore Open(string folder) =>
        options.Storage is { } given
            ? AzureTableStore.FromConnectionString(given)
            : new SqliteTableStore(Path.Combine(folder, "serverless-sync.db"));

    /// <summary>Reports, and kills, for the time of the run. Returns the memory after the first report.</summary>
    private async Task<(long StandIn, long Product)> WatchAsync(
        Fleet fleet,
        long start,
        Task editing,
        CancellationToken cancellationToken
    )
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var killing = KillAsync(fleet, end.Token);
        var (atStart, before) = ((0L, 0L), 0L);
        while (time.GetElapsedTime(start).TotalMinutes < options.Minutes)
        {
            var left = TimeSpan.FromMinutes(options.Minutes) - time.GetElapsedTime(start);
            var pause = Task.Delay(left < ReportEvery ? left : ReportEvery, time, cancellationToken);
            if (await Task.WhenAny(pause, editing, killing) is var first && first != pause)
            {
                await first;
            }

            await pause;
            atStart = atStart is (0, 0) ? (fleet.StandInMemory, fleet.Memory[0]) : atStart;
            await output.WriteLineAsync(Line(fleet, start, Accepted - before));
            before = Accepted;
        }

        await end.CancelAsync();
        await killing;
        return atStart;
    }

#pragma warning disable CA5394 // Repeatable on purpose; nothing is kept secret by it.
    private async Task KillAsync(Fleet fleet, CancellationToken cancellationToken)
    {
        var random = new Random(options.Seed);
        try
        {
            while (true)
            {
                var isIdle = options.KillEvery == 0 || options.Processes == 1;
                await Task.Delay(isIdle ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(options.KillEvery), time, cancellationToken);

                // Once begun, it comes up again before the checks.
                await fleet.KillAsync(random.Next(1, options.Processes), CancellationToken.None);
                kills++;
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }
#pragma warning restore CA5394

    private async Task RestAsync(Task work, CancellationToken cancellationToken)
    {
        try
        {
            await work.WaitAsync(RestMax, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            findings.Add(Finding.Silent, $"there was no rest within {RestMax}");
        }
    }

    private async Task CheckAsync(Crowd crowd, ITableStore store, CancellationToken cancellationToken)
    {
        // Who loads now sees everything that was accepted, since loading publishes it first.
        using var reader = new Crowd(crowd.Url, crowd.Project, 1, 0, 0, options.Seed, time) { Findings = findings };
        await RestAsync(reader.EditAsync(cancellationToken), cancellationToken);
        await RestAsync(crowd.FollowAsync(reader.Editors[0].Revision, cancellationToken), cancellationToken);
        crowd.NoteDataset(reader.Editors[0].Revision, reader.Editors[0].View, "a newcomer");
        try
        {
            await new LogAudit(store, crowd).RunAsync(cancellationToken);
        }
        catch (InvalidDataException exception)
        {
            findings.Add(Finding.Lost, $"the log cannot be read: {exception.Message}");
        }
    }

    private string Line(Fleet fleet, long start, long accepted) =>
        $"{time.GetElapsedTime(start).TotalSeconds,5:F0} s  accepted {Accepted,8} ({accepted / ReportEvery.TotalSeconds:F0}/s)  "
        + $"p50 {latencies.At(0.5):F0} ms  p99 {latencies.At(0.99):F0} ms  reconnects {Losses}  kills {kills}  faults {faults.Total}  "
        + $"memory {MiB(fleet.StandInMemory)} and {string.Join(' ', fleet.Memory.Select(MiB))} MiB"
        + (findings.IsClean ? string.Empty : $"  FOUND: {findings.Cases.First()}");

    private long Losses => crowds.Sum(static crowd => crowd.Losses);

    private async Task ReportAsync(Fleet fleet, (long StandIn, long Product) atStart, TimeSpan took)
    {
        await output.WriteLineAsync(
            $"""

            accepted         {Accepted} in {took.TotalSeconds:F0} s ({Accepted / took.TotalSeconds:F0}/s)
            lost             {findings[Finding.Lost]}
            duplicated       {findings[Finding.Duplicated]}
            out of order     {findings[Finding.OutOfOrder]}
            datasets wrong   {findings[Finding.Wrong]} of {crowds.Sum(static crowd => crowd.Datasets.Count)} compared, and {crowds.Sum(static crowd => crowd.Editors.Count)} views
            silent           {findings[Finding.Silent]}, refused {findings[Finding.Refused]}
            reconnects       {Losses}
            kills            {kills}
            faults           {faults.Total}: {faults}
            latency          p50 {latencies.At(0.5):F0} ms, p99 {latencies.At(0.99):F0} ms, p99.9 {latencies.At(0.999):F0} ms
            memory           stand-in {MiB(atStart.StandIn)} MiB after 10 s, {MiB(fleet.StandInMemory)} MiB at the end; first product process {MiB(atStart.Product)} and {MiB(fleet.Memory[0])} MiB
            """
        );
        foreach (var found in findings.Cases)
        {
            await output.WriteLineAsync(found);
        }

        if (!findings.IsClean)
        {
            await output.WriteLineAsync($"The last lines of the processes:{Environment.NewLine}{fleet.Output()}");
        }
    }

    private static string MiB(long bytes) => $"{bytes / 1048576.0:F0}";
}
