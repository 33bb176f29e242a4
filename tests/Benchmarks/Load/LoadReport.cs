using System.Text;
using System.Text.Json;

namespace ServerlessSync.Benchmarks.Load;

/// <summary>Percentiles in milliseconds; null when nothing was measured.</summary>
internal sealed record Latency(int Count, double? P50, double? P99, double? Max)
{
    public static Latency Of(List<double> milliseconds)
    {
        milliseconds.Sort();
        return new Latency(milliseconds.Count, At(milliseconds, 0.50), At(milliseconds, 0.99), At(milliseconds, 1));
    }

    // Nearest rank: a value that really was measured.
    private static double? At(List<double> sorted, double share) =>
        sorted.Count == 0 ? null : Math.Round(sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Count) - 1)], 2);
}

/// <summary>What a run measured, and whether all of it was right.</summary>
internal sealed record LoadReport
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public required int Projects { get; init; }

    public required int ClientsPerProject { get; init; }

    public required double? RatePerClient { get; init; }

    public required double Seconds { get; init; }

    /// <summary>Acknowledgements seen inside the window, per second.</summary>
    public required double AcceptedPerSecond { get; init; }

    /// <summary>From sending a change to its author seeing it with the server's number; of changes sent inside the window.</summary>
    public required Latency Ack { get; init; }

    /// <summary>From sending a change to the last client of its project having it.</summary>
    public required Latency All { get; init; }

    public required long Submitted { get; init; }

    /// <summary>Changes of the whole run that some client had not seen at its end.</summary>
    public required long Lost { get; init; }

    public required Faults Faults { get; init; }

    /// <summary>This program's share of a core in the window, in percent: near 100 it measures itself.</summary>
    public required double DriverCpuPercent { get; init; }

    public bool IsSound => Lost == 0 && Faults is { Duplicates: 0, Disorders: 0, Gaps: 0, Errors: 0, Resyncs: 0 };

    public static LoadReport Of(
        LoadOptions options,
        IReadOnlyList<ProjectLoad> projects,
        IReadOnlyList<LoadClient> clients,
        TimeProvider time,
        long start,
        long end,
        TimeSpan cpu
    )
    {
        var acks = new List<double>();
        var everywhere = new List<double>();
        long accepted = 0;
        long submitted = 0;
        long lost = 0;
        foreach (var log in projects.SelectMany(project => project.Operations))
        {
            for (var number = 1; number <= log.Count; number++)
            {
                var operation = log[number];
                submitted++;
                lost += operation.Everywhere == 0 ? 1 : 0;
                accepted += operation.Acknowledged >= start && operation.Acknowledged < end ? 1 : 0;
                if (operation.Submitted >= start && operation.Submitted < end)
                {
                    Note(acks, operation.Submitted, operation.Acknowledged);
                    Note(everywhere, operation.Submitted, operation.Everywhere);
                }
            }
        }

        var faults = new Faults();
        foreach (var client in clients)
        {
            faults.Add(client.Faults);
        }

        var seconds = time.GetElapsedTime(start, end).TotalSeconds;
        return new LoadReport
        {
            Projects = projects.Count,
            ClientsPerProject = options.Clients,
            RatePerClient = options.Rate,
            Seconds = Math.Round(seconds, 2),
            AcceptedPerSecond = Math.Round(accepted / seconds, 1),
            Ack = Latency.Of(acks),
            All = Latency.Of(everywhere),
            Submitted = submitted,
            Lost = lost,
            Faults = faults,
            DriverCpuPercent = Math.Round(100 * cpu.TotalSeconds / seconds),
        };

        void Note(List<double> latencies, long from, long to)
        {
            if (to != 0)
            {
                latencies.Add(time.GetElapsedTime(from, to).TotalMilliseconds);
            }
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public string ToTable()
    {
        var table = new StringBuilder();
        Row("clients", $"{Projects} x {ClientsPerProject}, {(RatePerClient is { } rate ? $"{rate}/s each" : "closed loop")}, {Seconds} s");
        Row("accepted", $"{AcceptedPerSecond}/s");
        Row("ack", Text(Ack));
        Row("to all", Text(All));
        Row("sent", $"{Submitted}, lost {Lost}");
        Row("duplicates", $"{Faults.Duplicates}, out of order {Faults.Disorders}, gaps {Faults.Gaps}");
        Row("errors", $"{Faults.Errors}, unasked datasets {Faults.Resyncs}{(Faults.FirstError is { } text ? $": {text}" : "")}");
        Row("driver CPU", $"{DriverCpuPercent} % of a core");
        table.Append(IsSound ? "Everything arrived once and in order." : "NOT everything arrived once and in order.");
        return table.ToString();

        void Row(string name, string value) => table.Append($"{name,-12}").AppendLine(value);

        static string Text(Latency latency) => $"p50 {latency.P50} ms, p99 {latency.P99} ms, max {latency.Max} ms ({latency.Count})";
    }
}
