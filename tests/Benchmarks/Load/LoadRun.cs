namespace ServerlessSync.Benchmarks.Load;

/// <summary>One measurement: connect, add rows, warm up, measure, wait for the rest, clean up.</summary>
internal sealed class LoadRun(LoadOptions options, TimeProvider time)
{
    private const int OpeningInParallel = 16;

    /// <summary>How long changes of the window may still be in flight after it.</summary>
    private static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    public async Task<LoadReport> RunAsync(CancellationToken cancellationToken)
    {
        var projects = options.Projects.Select(project => new ProjectLoad(project, options.Clients)).ToList();
        var clients = projects
            .SelectMany(project => Enumerable.Range(0, options.Clients).Select(index => new LoadClient(project, index, time)))
            .ToList();
        try
        {
            // All clients are connected before the first change, so that every change reaches all of them.
            await ForEachAsync(clients, client => client.OpenAsync(options.Url, cancellationToken), cancellationToken);
            await ForEachAsync(clients, client => client.AddRowAsync(cancellationToken), cancellationToken);

            var pacing = StartAsync(clients, cancellationToken);
            await WaitAsync(TimeSpan.FromSeconds(options.Warmup), clients, cancellationToken);
            var cpu = Environment.CpuUsage.TotalTime;
            var start = time.GetTimestamp();
            await WaitAsync(TimeSpan.FromSeconds(options.Seconds), clients, cancellationToken);
            var end = time.GetTimestamp();
            cpu = Environment.CpuUsage.TotalTime - cpu;
            clients.ForEach(client => client.Stop());
            await pacing;

            await DrainAsync(projects, cancellationToken);
            var report = LoadReport.Of(options, projects, clients, time, start, end, cpu);
            await ForEachAsync(clients, client => client.RemoveRowAsync(cancellationToken), cancellationToken);
            await DrainAsync(projects, cancellationToken);
            return report;
        }
        finally
        {
            foreach (var client in clients)
            {
                await client.DisposeAsync();
            }
        }
    }

#pragma warning disable CA5394 // Repeatable on purpose; nothing is kept secret by it.
    private Task StartAsync(List<LoadClient> clients, CancellationToken cancellationToken) =>
        Task.WhenAll(
            clients.Select(
                (client, index) =>
                    options.Rate is { } rate
                        ? client.PaceAsync(rate, new Random(options.Seed + index), cancellationToken)
                        : client.StartClosedLoopAsync(cancellationToken)
            )
        );

#pragma warning restore CA5394

    /// <summary>Waits. Fails at once when a client loses its connection, because later measurements would be meaningless.</summary>
    private async Task WaitAsync(TimeSpan duration, List<LoadClient> clients, CancellationToken cancellationToken)
    {
        var wait = Task.Delay(duration, time, cancellationToken);
        var first = await Task.WhenAny(clients.Select(client => client.Receiving).Append(wait));
        await first;
        if (first != wait)
        {
            throw new LoadException("The server closed a connection.");
        }
    }

    private async Task DrainAsync(List<ProjectLoad> projects, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (!projects.TrueForAll(project => project.IsEverythingEverywhere) && time.GetElapsedTime(start) < DrainMax)
        {
            await Task.Delay(Poll, time, cancellationToken);
        }
    }

    private static Task ForEachAsync(List<LoadClient> clients, Func<LoadClient, Task> work, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            clients,
            new ParallelOptions { MaxDegreeOfParallelism = OpeningInParallel, CancellationToken = cancellationToken },
            async (client, _) => await work(client)
        );
}
