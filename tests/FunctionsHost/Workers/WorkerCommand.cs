using System.Text.Json;

namespace ServerlessSync.FunctionsHost.Workers;

/// <summary>How a worker is started: what <c>worker.config.json</c> in the app's output says.</summary>
internal sealed record WorkerCommand(string Executable, string Worker)
{
    private const string FileName = "worker.config.json";

    public static WorkerCommand Read(string appFolder)
    {
        var path = Path.Combine(appFolder, FileName);
        if (!File.Exists(path))
        {
            throw new WorkerHostException($"'{appFolder}' holds no {FileName}: it is not the output of a Function App.");
        }

        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var description = document.RootElement.GetProperty("description");
        return new WorkerCommand(
            description.GetProperty("defaultExecutablePath").GetString()!,
            Path.Combine(appFolder, description.GetProperty("defaultWorkerPath").GetString()!)
        );
    }
}
