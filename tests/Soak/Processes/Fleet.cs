using ServerlessSync.Soak.Faults;
using ServerlessSync.WebPubSub.EventHandling;

namespace ServerlessSync.Soak.Processes;

/// <summary>
/// One emulator and several processes of the product behind it, all on one storage, with or without faults between them.
/// </summary>
internal sealed class Fleet : IAsyncDisposable
{
    private readonly List<FaultProxy> proxies = [];
    private readonly string[] storage;
    private readonly ServerProcess?[] products;
    private readonly Uri[] addresses;
    private ServerProcess? emulator;
    private Uri? wayBack;

    private Fleet(int count, string[] storage)
    {
        this.storage = storage;
        products = new ServerProcess?[count];
        addresses = [.. Enumerable.Range(0, count).Select(static _ => FreePort.Url())];
    }

    /// <summary>The address of the emulator.</summary>
    public Uri Url { get; } = FreePort.Url();

    /// <summary>The address to which pages connect.</summary>
    public Uri SocketUrl => new($"ws://{Url.Authority}/client/hubs/sync");

    /// <summary>The emulator's memory in bytes.</summary>
    public long EmulatorMemory => emulator?.WorkingSet ?? 0;

    /// <summary>The memory in bytes of each process of the product; 0 while it is down.</summary>
    public IReadOnlyList<long> Memory => [.. products.Select(static product => product?.WorkingSet ?? 0)];

    /// <summary>Starts all processes.</summary>
    /// <param name="count">The number of processes of the product.</param>
    /// <param name="storage">The options that name the storage.</param>
    /// <param name="faults">Faults between emulator and product; null for none.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static async Task<Fleet> StartAsync(
        int count,
        string[] storage,
        FaultPlan? faults,
        CancellationToken cancellationToken
    )
    {
        var fleet = new Fleet(count, storage);
        try
        {
            await fleet.StartAsync(faults, cancellationToken);
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills a process of the product and restarts it.</summary>
    public async Task KillAsync(int index, CancellationToken cancellationToken)
    {
        await products[index]!.DisposeAsync();
        products[index] = null;
        await StartProductAsync(index, cancellationToken);
    }

    /// <summary>The last output of the processes.</summary>
    public string Output() =>
        string.Join(
            Environment.NewLine,
            products.Prepend(emulator).Select(static (process, index) => $"--- process {index}{Environment.NewLine}{process?.Output}")
        );

    public async ValueTask DisposeAsync()
    {
        foreach (var process in products.Append(emulator).OfType<ServerProcess>())
        {
            await process.DisposeAsync();
        }

        foreach (var proxy in proxies)
        {
            await proxy.DisposeAsync();
        }
    }

    private async Task StartAsync(FaultPlan? faults, CancellationToken cancellationToken)
    {
        var events = new List<Uri>();
        foreach (var address in addresses)
        {
            events.Add(await BehindAsync(address, faults, cancellationToken));
        }

        wayBack = await BehindAsync(Url, faults, cancellationToken);
        emulator = await ServerProcess.StartAsync(
            cancellationToken,
            [
                "--pubsub-only",
                "--no-demo",
                "--urls",
                Text(Url),
                .. events.SelectMany(static url => (string[])["--upstream", Text(url) + EventRoute.Pattern]),
            ]
        );
        await Task.WhenAll(Enumerable.Range(0, products.Length).Select(index => StartProductAsync(index, cancellationToken)));
    }

    private async Task StartProductAsync(int index, CancellationToken cancellationToken) =>
        products[index] = await ServerProcess.StartAsync(
            cancellationToken,
            ["--functions-only", "--no-limits", "--pubsub", Text(wayBack!), "--urls", Text(addresses[index]), .. storage]
        );

    private async Task<Uri> BehindAsync(Uri target, FaultPlan? faults, CancellationToken cancellationToken)
    {
        if (faults is null)
        {
            return target;
        }

        var proxy = await FaultProxy.StartAsync(target, faults, cancellationToken);
        proxies.Add(proxy);
        return proxy.Url;
    }

    private static string Text(Uri url) => url.GetLeftPart(UriPartial.Authority);
}
