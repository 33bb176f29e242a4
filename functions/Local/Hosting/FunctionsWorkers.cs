using ServerlessSync.Composition.Settings;
using ServerlessSync.FunctionsHost;
using ServerlessSync.WebPubSub.EventHandling;

namespace ServerlessSync.Local.Hosting;

/// <summary>The compiled Function App, once per instance: each is a worker process behind a host of its own.</summary>
internal sealed class FunctionsWorkers : IAsyncDisposable
{
    private FunctionsWorkers(WorkerHost[] hosts) => Hosts = hosts;

    public IReadOnlyList<WorkerHost> Hosts { get; }

    /// <summary>The targets of events: URLs with <c>{event}</c>.</summary>
    public IReadOnlyList<string> Upstreams => [.. Hosts.Select(static host => host.Url + EventRoute.BelowPrefix)];

    /// <param name="options">The number of instances and the address of the emulator.</param>
    /// <param name="settings">The product's settings.</param>
    /// <param name="storage">The tables that the workers share.</param>
    /// <param name="time">The clock of the hosts; the workers use the machine's.</param>
    /// <param name="logLevel">The lowest level that the console shows; a worker's standard output counts as
    /// information.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="WorkerHostException">A worker did not start.</exception>
    public static async Task<FunctionsWorkers> StartAsync(
        LocalOptions options,
        SyncSettings settings,
        StorageChoice storage,
        TimeProvider time,
        LogLevel logLevel,
        CancellationToken cancellationToken
    )
    {
        var common = new WorkerHostOptions
        {
            Settings = SettingsOf(options, settings, storage),
            Time = time,
            Output = line => Write(line, logLevel),
        };

        // In Azure the host that holds the lease of an app's timers runs them.
        Task<WorkerHost>[] starts =
        [
            .. Enumerable
                .Range(0, options.Instances)
                .Select(number => WorkerHost.StartAsync(common with { RunsTimers = number == 0 }, cancellationToken)),
        ];
        try
        {
            return new FunctionsWorkers(await Task.WhenAll(starts));
        }
        catch
        {
            foreach (var started in starts.Where(static start => start.IsCompletedSuccessfully))
            {
                await (await started).DisposeAsync();
            }

            throw;
        }
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(Hosts.Select(static host => host.DisposeAsync().AsTask()));

    private static Dictionary<string, string> SettingsOf(LocalOptions options, SyncSettings settings, StorageChoice storage)
    {
        var values = new Dictionary<string, string>(options.WorkerSettings, StringComparer.Ordinal)
        {
            ["DOTNET_ENVIRONMENT"] = Environments.Development,
            ["Sync__Tables__ConnectionString"] = storage.ConnectionString
                ?? throw new InvalidOperationException("A worker needs tables that other processes can open."),
            ["Sync__Tables__Endpoint"] = string.Empty,
            ["Sync__WebPubSub__ConnectionString"] = LocalHost.ConnectionString(options.Emulator),
            ["Sync__WebPubSub__Endpoint"] = string.Empty,
            ["Sync__AllowAnonymous"] = settings.AllowAnonymous ? "true" : "false",
            ["Sync__Limits__Enabled"] = settings.Limits.Enabled ? "true" : "false",
        };
        foreach (var (index, origin) in settings.AllowedOrigins.Index())
        {
            values[$"Sync__AllowedOrigins__{index}"] = origin;
        }

        return values;
    }

    private static void Write(HostLine line, LogLevel logLevel)
    {
        if (line.IsError)
        {
            Console.Error.WriteLine(line.Text);
        }
        else if (logLevel <= LogLevel.Information)
        {
            Console.Out.WriteLine(line.Text);
        }
    }
}
