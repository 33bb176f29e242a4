using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using ServerlessSync.EndToEnd.Servers;
using ServerlessSync.EndToEnd.Sockets;

namespace ServerlessSync.EndToEnd.Running;

/// <summary>The command line, from a user's point of view.</summary>
public sealed class The_program
{
    private static readonly string[] Roles = ["--pubsub-only", "--upstream", "--functions-only", "--pubsub"];

    [Fact]
    public async Task Help_lists_every_option()
    {
        var (code, output, _) = await LocalProcess.RunAsync("--help");
        Assert.Equal(0, code);
        string[] others = ["--urls", "--storage", "--data", "--instances", "--no-demo", "--no-limits", "--allow-origin", "--transport", "--worker"];
        foreach (var option in (string[])[.. others, .. Roles])
        {
            Assert.Contains(option, output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("--urls", "ftp://here")]
    [InlineData("--storage", "floppy")]
    [InlineData("--instances", "0")]
    [InlineData("--instances", "many")]
    [InlineData("--transport", "pigeon")]
    [InlineData("--urls", "http://127.0.0.1:7071/path")]
    [InlineData("--instances", "17")]
    [InlineData("--data", " ")]
    [InlineData("--allow-origin", "*")]
    [InlineData("--allow-origin", "null")]
    [InlineData("--allow-origin", "https://plans.example.com/")]
    [InlineData("--allow-origin", "plans.example.com")]
    [InlineData("--colour", "red")]
    public async Task A_wrong_option_is_named_and_nothing_starts(string option, string value)
    {
        var (code, _, errors) = await LocalProcess.RunAsync(option, value);
        Assert.NotEqual(0, code);
        Assert.Contains(option, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--pubsub-only --functions-only", "--pubsub-only", "--functions-only")]
    [InlineData("--pubsub-only", "--pubsub-only", "--upstream")]
    [InlineData("--functions-only", "--functions-only", "--pubsub")]
    [InlineData("--upstream http://localhost:7071/{event}", "--upstream", "--pubsub-only")]
    [InlineData("--pubsub http://127.0.0.1:8080", "--pubsub", "--functions-only")]
    [InlineData("--pubsub-only --upstream http://localhost:7071/{event} --storage memory", "--pubsub-only", "--storage")]
    [InlineData("--pubsub-only --upstream http://localhost:7071/{event} --no-limits", "--pubsub-only", "--no-limits")]
    [InlineData("--pubsub-only --upstream http://localhost:7071/{event} --instances 2", "--pubsub-only", "--instances")]
    [InlineData("--functions-only --pubsub http://127.0.0.1:8080 --transport http", "--functions-only", "--transport")]
    [InlineData("--functions-only --pubsub http://127.0.0.1:8080 --no-demo", "--functions-only", "--no-demo")]
    [InlineData("--pubsub-only --upstream http://localhost:7071/events", "--upstream", "{event}")]
    [InlineData("--pubsub-only --upstream http://localhost:7071/{event} nowhere", "nowhere", "")]
    [InlineData("--pubsub-only --upstream http://localhost:7071/{event} --upstream ftp://here/{event}", "--upstream", "http://")]
    [InlineData("--functions-only --pubsub ws://127.0.0.1:8080", "--pubsub", "http://")]
    [InlineData("--worker --storage sqlite", "--worker", "azurite")]
    [InlineData("--worker --storage memory", "--worker", "azurite")]
    [InlineData("--worker --transport http", "--worker", "--transport")]
    [InlineData("--functions-only --pubsub http://127.0.0.1:8080 --worker", "--functions-only", "--worker")]
    [InlineData("--pubsub-only --upstream http://localhost:7071/{event} --worker", "--pubsub-only", "--worker")]
    public async Task Options_that_do_not_go_together_are_named_and_nothing_starts(string line, string first, string second)
    {
        var (code, _, errors) = await LocalProcess.RunAsync(line.Split(' '));
        Assert.NotEqual(0, code);
        Assert.Contains(first, errors, StringComparison.Ordinal);
        Assert.Contains(second, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_upstreams_than_can_take_turns_are_refused()
    {
        var upstreams = Enumerable.Repeat((string[])["--upstream", "http://localhost:7071/{event}"], 17).SelectMany(static one => one);
        var (code, _, errors) = await LocalProcess.RunAsync(["--pubsub-only", .. upstreams]);
        Assert.NotEqual(0, code);
        Assert.Contains("--upstream: at most 16", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_an_error_that_names_the_address()
    {
        using var folder = new TemporaryFolder();
        await using var host = await RunningHost.StartAsync(RunningHost.Options(folder));
        var address = host.Url.GetLeftPart(UriPartial.Authority);
        var (code, _, errors) = await LocalProcess.RunAsync("--urls", address, "--storage", "memory");
        Assert.Equal(1, code);
        Assert.Contains($"--urls {address}", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Storage_that_cannot_be_reached_is_an_error_that_names_the_option()
    {
        // An unused port of this machine.
        var (code, output, errors) = await LocalProcess.RunAsync(
            "--urls",
            Ports.FreeUrl().GetLeftPart(UriPartial.Authority),
            "--storage",
            $"DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0LWtleQ==;TableEndpoint={Ports.FreeUrl()}a"
        );
        Assert.Equal(1, code);
        Assert.Contains("--storage", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0LWtleQ", output + errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task It_ends_with_code_0_on_a_signal_and_closes_the_connections_of_pages(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent with kill.");
        Assert.SkipWhen(IgnoresInterrupts() && signal is "INT", "This test run ignores SIGINT, and so do its children.");
        using var folder = new TemporaryFolder();
        var url = Ports.FreeUrl();
        await using var program = await LocalProcess.StartAsync(url, folder);
        await using var plan = new Plan(SocketAddress.Of(url), "1", signal, static () => { });
        var page = await plan.OpenAsync("Hugo");
        await page.ExpectAsync(await page.ChangeAsync(Say.Rename("10", "Kept")));
        using var kill = Process.Start("kill", [$"-{signal}", $"{program.Id}"]);
        await page.Socket.ClosedAsync();
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, page.Socket.CloseStatus);
        Assert.Equal(0, await program.ExitAsync());
        Assert.Contains("Stopped. Accepted changes are stored.", program.Output, StringComparison.Ordinal);
    }

    /// <summary>A shell without job control starts background processes with SIGINT ignored, which they inherit.</summary>
    private static bool IgnoresInterrupts()
    {
        const string Status = "/proc/self/status";
        const ulong Interrupt = 1UL << 1;
        var mask = File.Exists(Status)
            ? File.ReadLines(Status).FirstOrDefault(static line => line.StartsWith("SigIgn:", StringComparison.Ordinal))
            : null;
        return mask is not null
            && (ulong.Parse(mask.AsSpan("SigIgn:".Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & Interrupt) != 0;
    }
}
