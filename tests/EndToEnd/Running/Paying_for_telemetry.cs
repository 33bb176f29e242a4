using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;

namespace ServerlessSync.EndToEnd.Running;

/// <summary>
/// The cost of an edit in logs and traces, which are billed by the byte and limited by a daily cap. docs/operations.md has
/// the figures.
/// </summary>
public sealed class Paying_for_telemetry(WorkerServer server)
{
    private const int Edits = 100;

    /// <summary>
    /// Starting, joining and ending are logged. A record per edit would take about 400 bytes, and a framework writes four.
    /// </summary>
    private const long LogBytesMax = 20_000;

    /// <summary>An invocation, a turn, and its requests to storage and service, all exported.</summary>
    private const long TraceBytesMaxPerEdit = 6_000;

    [Fact]
    public async Task An_edit_writes_no_log_record_and_a_bounded_trace()
    {
        using var folder = new TemporaryFolder();
        await using var collector = await Collector.StartAsync();
        await using (var host = await server.StartOwnAsync(folder, options => options with { WorkerSettings = collector.Settings }))
        {
            await using var plan = await host.NewPlanAsync();
            var hugo = await plan.OpenAsync("Hugo");
            for (var number = 1; number <= Edits; number++)
            {
                await hugo.ExpectAsync(await hugo.ChangeAsync(Say.Rename("10", $"Name {number}")));
            }
        }

        // The worker has exited, and has sent what it had buffered.
        var (logs, traces) = (collector.BytesOf("logs"), collector.BytesOf("traces"));
        TestContext.Current.TestOutputHelper!.WriteLine($"{Edits} edits: {logs} bytes of logs, {traces} of traces, {collector.BytesOf("metrics")} of metrics");
        Assert.InRange(logs, 1, LogBytesMax);
        Assert.InRange(traces, 1, TraceBytesMaxPerEdit * Edits);
    }
}
