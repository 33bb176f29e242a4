using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using ServerlessSync.PubSubEmulator;
using ServerlessSync.PubSubEmulator.Tests.Support;

namespace ServerlessSync.PubSubEmulator.Tests;

/// <summary>
/// Runs <c>js/check.mjs</c>: Microsoft's publisher and event handler libraries against the stand-in. Skipped with a reason where node
/// or the packages cannot be had, unless <c>SYNC_REQUIRE_ALL=1</c>.
/// </summary>
public sealed class Using_the_javascript_sdk
{
    private static readonly TimeSpan RestoreWithin = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan CheckWithin = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_operation_of_the_libraries_works()
    {
        var folder = Path.Combine(Path.GetDirectoryName(ThisFile())!, "js");
        if (await RestoreAsync(folder) is { } reason)
        {
            Assert.SkipUnless(IsRequired(), reason);
            Assert.Fail(reason);
        }

        using var node = Start("node", folder, "check.mjs");
        var errors = node.StandardError.ReadToEndAsync(Cancel);
        try
        {
            var port = await node.StandardOutput.ReadLineAsync(Cancel).AsTask().WaitAsync(CheckWithin, Cancel);
            if (port is null)
            {
                Assert.Fail(await errors);
            }

            await using var host = await StandInHost.StartAsync(
                new PubSubOptions { AccessKey = "local key", UpstreamTemplates = [$"http://127.0.0.1:{port}/events"] }
            );
            await node.StandardInput.WriteLineAsync($"Endpoint={host.Url};AccessKey=local key;Version=1.0;");
            var outcome = await node.StandardOutput.ReadToEndAsync(Cancel).WaitAsync(CheckWithin, Cancel);

            Assert.True(outcome.Contains("everything holds", StringComparison.Ordinal), outcome + await errors);
        }
        finally
        {
            node.Kill(entireProcessTree: true);
        }
    }

    private static bool IsRequired() =>
        string.Equals(Environment.GetEnvironmentVariable("SYNC_REQUIRE_ALL"), "1", StringComparison.Ordinal);

    private static async Task<string?> RestoreAsync(string folder)
    {
        if (Directory.Exists(Path.Combine(folder, "node_modules", "@azure", "web-pubsub-express")))
        {
            return null;
        }

        try
        {
            using var npm = Start("npm", folder, "ci", "--no-audit", "--no-fund");
            var output = npm.StandardOutput.ReadToEndAsync(Cancel);
            var errors = npm.StandardError.ReadToEndAsync(Cancel);
            await npm.WaitForExitAsync(Cancel).WaitAsync(RestoreWithin, Cancel);
            return npm.ExitCode == 0 ? null : $"npm ci failed: {await output}{await errors}";
        }
        catch (Win32Exception exception)
        {
            return $"npm cannot be started: {exception.Message}";
        }
        catch (TimeoutException)
        {
            return $"npm ci took longer than {RestoreWithin}";
        }
    }

    private static Process Start(string program, string folder, params string[] arguments) =>
        Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = folder,
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
