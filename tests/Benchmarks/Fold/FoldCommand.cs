using System.CommandLine;
using System.Globalization;
using System.Text;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;
using ServerlessSync.Core.State;
using ServerlessSync.Support;
using ServerlessSync.Tables.Memory;

namespace ServerlessSync.Benchmarks.Fold;

/// <summary><c>fold</c>: the cost of loading a large project and of applying one revision to it.</summary>
internal static class FoldCommand
{
    private const int WarmRounds = 25;
    private const int Revisions = 2_000;

    private static readonly Option<int> Tasks = new("--tasks")
    {
        Description = "Tasks of the plan, and as many dependencies.",
        DefaultValueFactory = _ => 50_000,
    };

    public static Command Create()
    {
        var command = new Command("fold", "Loads a large project from its rows and applies revisions to it.") { Tasks };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(Tasks), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(int tasks, CancellationToken cancellationToken)
    {
        var store = new MemoryTableStore();
        var project = new ProjectId(JsonId.Of(1));
        var catalog = new ProjectCatalog(store, new RandomIdSource());
        var plan = Encoding.UTF8.GetBytes(LargePlan.Json(tasks));
        Print($"plan             {tasks} tasks, {tasks - 1} dependencies, {plan.Length / 1024} KiB of JSON");
        await catalog.CreateAsync(project, "Large", plan, AccessList.OpenToEdit, cancellationToken);
        var log = new ProjectLog(store, project);
        var key = (await log.ReadHeadAsync(cancellationToken))!.Value.BaseKey;

        var first = await LoadAsync(log, key, cancellationToken);
        Print($"first load       {first}");
        var warm = new List<LoadTimes>();
        for (var round = 0; round < WarmRounds; round++)
        {
            warm.Add(await LoadAsync(log, key, cancellationToken));
        }

        warm = [.. warm.OrderBy(static times => times.Total)];
        Print($"later, median    {warm[WarmRounds / 2]}");
        Print($"later, best      {warm[0]}");
        await PrintMemoryAsync(log, key, cancellationToken);
        foreach (var size in new[] { 500, 5_000, tasks })
        {
            PrintApply(size);
        }

        PrintFront(tasks);
        return 0;
    }

    /// <summary>The most expensive edit: every sibling moves, in all clients and here.</summary>
    private static void PrintFront(int tasks)
    {
        var rows = string.Join(',', Enumerable.Range(0, tasks).Select(static task => $"{{\"id\":{task}}}"));
        var dataset = ((DatasetResult.Parsed)Dataset.Parse(Encoding.UTF8.GetBytes($$"""{"tasksData":[{{rows}}]}"""))).Dataset;
        var best = TimeSpan.MaxValue;
        for (var revision = 1; revision <= WarmRounds; revision++)
        {
            var changes = $$"""{"tasks":{"added":[{"$PhantomId":"_generated{{revision}}","orderedParentIndex":0}]} }""";
            var started = TimeProvider.System.GetTimestamp();
            dataset.Mark();
            var accepted = (ChangeDecision.Accepted)dataset.Decide(Encoding.UTF8.GetBytes(changes), revision);
            dataset.Apply(accepted.Changes, accepted.Cut);
            dataset.Release();
            best = Min(best, TimeProvider.System.GetElapsedTime(started));
        }

        Print(Format($"one task before {tasks} siblings takes {best.TotalMilliseconds:0.0} ms at best"));
        best = TimeSpan.MaxValue;
        for (var round = 0; round < WarmRounds; round++)
        {
            var started = TimeProvider.System.GetTimestamp();
            GC.KeepAlive(dataset.Clone());
            best = Min(best, TimeProvider.System.GetElapsedTime(started));
        }

        Print(Format($"the copy that a snapshot is written from takes {best.TotalMilliseconds:0.0} ms at best"));
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static async Task<LoadTimes> LoadAsync(ProjectLog log, string key, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var cpu = Environment.CpuUsage.TotalTime;
        var (allocated, paused) = (GC.GetTotalAllocatedBytes(), GC.GetTotalPauseDuration());
        var started = clock.GetTimestamp();
        var payload = await log.ReadPayloadAsync(key, cancellationToken);
        var read = clock.GetTimestamp();
        var state = StateSnapshot.Read(payload);
        var parsed = clock.GetTimestamp();
        var shown = state.Dataset.ToClientJson();
        return new LoadTimes(
            clock.GetElapsedTime(started, read),
            clock.GetElapsedTime(read, parsed),
            clock.GetElapsedTime(parsed),
            Environment.CpuUsage.TotalTime - cpu,
            GC.GetTotalAllocatedBytes() - allocated,
            GC.GetTotalPauseDuration() - paused,
            shown.Length
        );
    }

    private static async Task PrintMemoryAsync(ProjectLog log, string key, CancellationToken cancellationToken)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var state = StateSnapshot.Read(await log.ReadPayloadAsync(key, cancellationToken));
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        Print($"memory           {held / 1024 / 1024} MiB held, counted as {state.Dataset.ApproximateBytes / 1024 / 1024} MiB");
        GC.KeepAlive(state);
    }

    private static void PrintApply(int tasks)
    {
        var dataset = ((DatasetResult.Parsed)Dataset.Parse(Encoding.UTF8.GetBytes(LargePlan.Json(tasks)))).Dataset;
        Apply(dataset, tasks, first: 1);
        var microseconds = Apply(dataset, tasks, first: Revisions + 1);
        Print(string.Create(CultureInfo.InvariantCulture, $"one revision     {microseconds:0.0} µs into {tasks} tasks (decide, apply, mark, release)"));
    }

    private static double Apply(Dataset dataset, int tasks, int first)
    {
        var started = Environment.CpuUsage.TotalTime;
        for (var revision = first; revision < first + Revisions; revision++)
        {
            var task = $"tasks-{1 + (revision * 7919L % tasks)}";
            var changes = revision % 4 == 0
                ? $$$"""{"tasks":{"added":[{"$PhantomId":"_generated{{{revision}}}","parentId":"{{{task}}}","orderedParentIndex":0,"name":"new"}],"$input":{"added":[{"$PhantomId":"_generated{{{revision}}}","parentId":"{{{task}}}"}]} } }"""
                : $$$"""{"tasks":{"updated":[{"id":"{{{task}}}","name":"n{{{revision}}}","percentDone":50}],"$input":{"updated":[{"id":"{{{task}}}","name":"n{{{revision}}}"}]} } }""";
            dataset.Mark();
            var accepted = (ChangeDecision.Accepted)dataset.Decide(Encoding.UTF8.GetBytes(changes), revision);
            dataset.Apply(accepted.Changes, accepted.Cut);
            dataset.Release();
        }

        return (Environment.CpuUsage.TotalTime - started).TotalMicroseconds / Revisions;
    }

    private static void Print(string line) => Console.WriteLine(line);

    private sealed record LoadTimes(TimeSpan Read, TimeSpan Parse, TimeSpan Write, TimeSpan Cpu, long Allocated, TimeSpan Paused, int Bytes)
    {
        public TimeSpan Total => Read + Parse + Write;

        public override string ToString() =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Total.TotalMilliseconds:0} ms, {Cpu.TotalMilliseconds:0} ms of all cores (rows {Read.TotalMilliseconds:0}, state {Parse.TotalMilliseconds:0}, dataset of {Bytes / 1024} KiB {Write.TotalMilliseconds:0}; {Allocated / 1024 / 1024} MiB allocated, {Paused.TotalMilliseconds:0} ms of it collecting)"
            );
    }
}
