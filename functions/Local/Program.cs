using System.CommandLine;
using ServerlessSync.Composition.Settings;
using ServerlessSync.Core.Storage;
using ServerlessSync.FunctionsHost;
using ServerlessSync.Local.Hosting;

return await CommandLine.Create(RunAsync).Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

static async Task<int> RunAsync(LocalOptions options, CancellationToken cancellationToken)
{
    var read = LocalSettings.Read(options, new ConfigurationBuilder().AddEnvironmentVariables().Build());
    if (read is not SettingsResult.Valid { Settings: var settings })
    {
        return await FailAsync(read.ToString());
    }

    try
    {
        await using var host = await LocalHost.StartAsync(
            options,
            settings,
            TimeProvider.System,
            LogLevel.Information,
            cancellationToken
        );
        await Console.Out.WriteAsync(StartupBanner.Text(options, host));
        await host.WaitForShutdownAsync(cancellationToken);
        await Console.Out.WriteLineAsync("Stopping: finishing pending work.");
    }
    catch (WorkerHostException exception)
    {
        return await FailAsync($"--worker: {exception.Message}");
    }
    catch (IOException exception)
    {
        return await FailAsync($"--urls {options.Url}: {exception.Message}");
    }
    catch (Exception exception) when (exception is StorageException or InvalidDataException or IOException or UnauthorizedAccessException)
    {
        return await FailAsync($"--storage {StorageNames.WithoutSecrets(options.Storage)}: {exception.Message}");
    }

    await Console.Out.WriteLineAsync("Stopped. Accepted changes are stored.");
    return 0;
}

static async Task<int> FailAsync(string reason)
{
    await Console.Error.WriteLineAsync(reason);
    return 1;
}
