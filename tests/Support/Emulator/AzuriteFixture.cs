using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ServerlessSync.Support.Emulator;

/// <summary>
/// An Azurite service of one's own, tables or blobs, in memory, on a port that the system chose. It ends with
/// <see cref="DisposeAsync"/> and also when the test process dies.
/// </summary>
/// <remarks>
/// Without node or npm, or when the package cannot be restored, there is none: <see cref="Unavailable"/> says why, and
/// tests skip with that reason. With the environment variable <c>SYNC_REQUIRE_ALL=1</c> starting fails instead.
/// </remarks>
public sealed class AzuriteFixture : IAsyncDisposable
{
    /// <summary>Azurite's public account and key, the same in every installation. The further accounts here have the same key.</summary>
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    /// <summary>Accounts beside the first; they cost nothing before they are used.</summary>
    private const int FurtherAccounts = 200;

    private const string PortMark = "supervise: port ";

    /// <summary>A start takes a second; a machine that is busy with builds has been seen to need ten.</summary>
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(90);

    private readonly Process? process;
    private readonly AzuriteService service;
    private readonly int port;
    private int accounts;

    private AzuriteFixture(string unavailable) => Unavailable = unavailable;

    private AzuriteFixture(Process process, AzuriteService service, int port)
    {
        this.process = process;
        this.service = service;
        this.port = port;
    }

    /// <summary>Why there is no emulator, or null when it runs.</summary>
    public string? Unavailable { get; }

    /// <summary>The connection string; throws when there is no emulator.</summary>
    public string ConnectionString => ConnectionStringOf(Account);

    /// <summary>The connection string of an account that has been given to nobody else: storage of one's own without an emulator of one's own.</summary>
    /// <exception cref="InvalidOperationException">There is no emulator, or all accounts are taken.</exception>
    public string NewAccount()
    {
        var number = Interlocked.Increment(ref accounts);
        return number <= FurtherAccounts
            ? ConnectionStringOf(NameOf(number))
            : throw new InvalidOperationException($"All {FurtherAccounts} accounts of the emulator are taken.");
    }

    /// <summary>Restores the package if need be (some 200 MB, half a minute) and starts the emulator of tables.</summary>
    /// <exception cref="InvalidOperationException">It could not be started and <c>SYNC_REQUIRE_ALL=1</c>.</exception>
    public static Task<AzuriteFixture> StartAsync(CancellationToken cancellationToken) => StartAsync(AzuriteService.Table, cancellationToken);

    /// <summary>The same for another service.</summary>
    /// <exception cref="InvalidOperationException">It could not be started and <c>SYNC_REQUIRE_ALL=1</c>.</exception>
    public static async Task<AzuriteFixture> StartAsync(AzuriteService service, CancellationToken cancellationToken)
    {
        try
        {
            var script = await AzuritePackage.RestoreAsync(NameOf(service), cancellationToken);
            return await StartAsync(service, script, cancellationToken);
        }
        catch (EmulatorException exception)
        {
            return string.Equals(Environment.GetEnvironmentVariable("SYNC_REQUIRE_ALL"), "1", StringComparison.Ordinal)
                ? throw new InvalidOperationException($"Azurite is required: {exception.Message}", exception)
                : new AzuriteFixture($"Azurite is not available: {exception.Message}");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await EndAsync(process);
        }
    }

    private static async Task<AzuriteFixture> StartAsync(AzuriteService service, string script, CancellationToken cancellationToken)
    {
        var node = CommandLine.Prepare(
            "node",
            AzuritePackage.Folder,
            "--require",
            "./supervise.cjs",
            script,
            "--inMemoryPersistence",
            "--disableTelemetry",
            "--skipApiVersionCheck",
            $"--{NameOf(service)}Host",
            "127.0.0.1",
            $"--{NameOf(service)}Port",
            "0",
            "--silent"
        );
        node.StartInfo.Environment["AZURITE_ACCOUNTS"] = string.Join(
            ';',
            Enumerable.Range(1, FurtherAccounts).Select(NameOf).Prepend(Account).Select(static name => $"{name}:{Key}")
        );
        var announced = WatchForPort(node);
        CommandLine.Start(node);
        try
        {
            return new AzuriteFixture(
                node,
                service,
                await announced.Task.WaitAsync(StartMax, TimeProvider.System, cancellationToken)
            );
        }
        catch (Exception exception)
        {
            await EndAsync(node);
            throw exception is TimeoutException
                ? new EmulatorException($"it did not listen within {StartMax.TotalSeconds} s.", exception)
                : exception;
        }
    }

    private static string NameOf(AzuriteService service) => service == AzuriteService.Blob ? "blob" : "table";

    private static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"account{number}");

    private string ConnectionStringOf(string account) =>
        Unavailable is not null
            ? throw new InvalidOperationException(Unavailable)
            : string.Create(
                CultureInfo.InvariantCulture,
                $"DefaultEndpointsProtocol=http;AccountName={account};AccountKey={Key};{service}Endpoint=http://127.0.0.1:{port}/{account};"
            );

    private static TaskCompletionSource<int> WatchForPort(Process node)
    {
        var announced = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = new StringBuilder();
        void Read(string? line)
        {
            if (line?.StartsWith(PortMark, StringComparison.Ordinal) == true)
            {
                announced.TrySetResult(int.Parse(line.AsSpan(PortMark.Length), CultureInfo.InvariantCulture));
            }
            else if (!announced.Task.IsCompleted)
            {
                lock (output)
                {
                    output.AppendLine(line);
                }
            }
        }

        node.OutputDataReceived += (_, data) => Read(data.Data);
        node.ErrorDataReceived += (_, data) => Read(data.Data);
        node.EnableRaisingEvents = true;
        node.Exited += (_, _) =>
        {
            lock (output)
            {
                announced.TrySetException(new EmulatorException($"it ended at its start: {output}"));
            }
        };
        return announced;
    }

    private static async Task EndAsync(Process node)
    {
        using (node)
        {
            node.Kill(entireProcessTree: true);
            await node.WaitForExitAsync();
        }
    }
}

/// <summary>What an emulator serves.</summary>
public enum AzuriteService
{
    /// <summary>Tables.</summary>
    Table,

    /// <summary>Blobs.</summary>
    Blob,
}
