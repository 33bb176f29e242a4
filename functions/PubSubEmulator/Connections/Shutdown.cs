namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>
/// Closes all connections before the web server stops, which would otherwise wait for them until its time-out. Only the
/// lifecycle variant of a hosted service is called that early.
/// </summary>
internal sealed class Shutdown(ClientEndpoint endpoint) : IHostedLifecycleService
{
    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => endpoint.StopAsync();

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
