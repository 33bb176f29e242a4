using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.Local.Hosting;

namespace ServerlessSync.EndToEnd.Browser;

/// <summary>A server with the sample projects, which can be stopped and restarted at the same address.</summary>
internal sealed class DemoServer : IAsyncDisposable
{
    private readonly LocalOptions options;
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("serverless-sync-");
    private LocalHost? host;

    private DemoServer(int port) =>
        options = new LocalOptions
        {
            Url = new Uri($"http://127.0.0.1:{port}"),
            Storage = "sqlite",
            Data = folder.FullName,
            Demo = true,
        };

    public Uri Url => options.Url;

    public static async Task<DemoServer> StartAsync(CancellationToken cancellationToken)
    {
        var server = new DemoServer(FreePort());
        await server.ResumeAsync(cancellationToken);
        return server;
    }

    public async Task ResumeAsync(CancellationToken cancellationToken) =>
        host = await LocalHost.StartAsync(
            options,
            TestSettings.Of(options),
            TimeProvider.System,
            LogLevel.Warning,
            cancellationToken
        );

    public async Task StopAsync()
    {
        if (host is not null)
        {
            await host.DisposeAsync();
            host = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        folder.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
