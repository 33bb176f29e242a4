using System.Text.Json;

namespace ServerlessSync.FunctionsHost.Workers;

/// <summary>The command that starts a worker, from <c>worker.config.json</c> in the app's output.</summary>
internal sealed record WorkerCommand(string Executable, string Worker)
{
    private const string FileName = "worker.config.json";

    public static WorkerCommand Read(string appFolder)
    {
        var path = Path.Combine(appFolder, FileName);
        if (!File.Exists(path))
        {
            throw new WorkerHostException($"'{appFolder}' has no {FileName}: it is not the output of a Function App.");
        }

        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var description = document.RootElement.GetProperty("description");
        return new WorkerCommand(
            description.GetProperty("defaultExecutablePath").GetString()!,
            Path.Combine(appFolder, description.GetProperty("defaultWorkerPath").GetString()!)
        );
    }
}
