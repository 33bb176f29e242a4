using ServerlessSync.Core.Model;

namespace ServerlessSync.FunctionsHost;

/// <summary>What a host runs, and how.</summary>
public sealed record WorkerHostOptions
{
    /// <summary>The app settings: environment variables of the worker, beside those of this process.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>The output folder of the Function App.</summary>
    public string AppFolder { get; init; } = FunctionApp.Folder;

    /// <summary>
    /// Whether functions run on their timers' schedules. In Azure one host of an app does so (it holds a lease); among several hosts here one is told to.
    /// </summary>
    public bool RunsTimers { get; init; } = true;

    /// <summary>How long a worker has to finish when the host stops; then it is killed. A half minute, as in Azure's own hosts.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a worker may take to start. It takes 2 s; a machine that is busy with builds needs many times that.</summary>
    public TimeSpan StartMax { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Gets each line that a worker writes to its streams, and the host's own remarks. Called from several threads.</summary>
    public Action<HostLine>? Output { get; init; }

    /// <summary>Names workers and invocations.</summary>
    public IIdSource Ids { get; init; } = new RandomIdSource();

    /// <summary>The clock of timers and time-outs.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>A line that a worker wrote, or a remark of the host.</summary>
/// <param name="Text">The line without its end.</param>
/// <param name="IsError">Whether it came from the standard error stream.</param>
public sealed record HostLine(string Text, bool IsError);
