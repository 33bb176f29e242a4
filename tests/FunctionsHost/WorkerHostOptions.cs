using ServerlessSync.Core.Model;

namespace ServerlessSync.FunctionsHost;

/// <summary>The options of a host.</summary>
public sealed record WorkerHostOptions
{
    /// <summary>The app settings: environment variables of the worker, beside those of this process.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>The output folder of the Function App.</summary>
    public string AppFolder { get; init; } = FunctionApp.Folder;

    /// <summary>
    /// Whether the host runs timers. In Azure the host that holds a lease runs them; of several hosts here, one is told to.
    /// </summary>
    public bool RunsTimers { get; init; } = true;

    /// <summary>
    /// How long a worker may take to finish when the host stops, before it is killed. Half a minute, as in Azure.
    /// </summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a worker may take to start. It takes 2 s; on a machine busy with builds, many times that.</summary>
    public TimeSpan StartMax { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Receives each line of a worker's output, and messages of the host. Called from several threads.</summary>
    public Action<HostLine>? Output { get; init; }

    /// <summary>Creates the ids of workers and invocations.</summary>
    public IIdSource Ids { get; init; } = new RandomIdSource();

    /// <summary>The clock of timers and time-outs.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>A line of a worker's output, or a message of the host.</summary>
/// <param name="Text">The line without its line break.</param>
/// <param name="IsError">Whether it was written to standard error.</param>
public sealed record HostLine(string Text, bool IsError);
