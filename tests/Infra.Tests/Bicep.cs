using System.Collections;
using System.ComponentModel;
using System.Diagnostics;
using System.Reflection;

namespace ServerlessSync.Infra.Tests;

/// <summary>What a run of the Bicep CLI came to. It writes results to the one stream and diagnostics to the other.</summary>
internal sealed record BicepResult(int ExitCode, string Output, string Diagnostics);

/// <summary>The Bicep CLI out of its package. It needs no network.</summary>
internal static class Bicep
{
    // A run takes two to five seconds; on a machine that is busy with something else, some times that.
    private static readonly TimeSpan RunsWithin = TimeSpan.FromMinutes(2);

    private static readonly string Program = typeof(Bicep)
        .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "Bicep")
        .Value!;

    /// <summary>Runs it in a folder, with these variables and none of the surroundings that parameter files read.</summary>
    public static async Task<BicepResult> RunAsync(
        string folder,
        IReadOnlyDictionary<string, string> variables,
        params IReadOnlyList<string> arguments
    )
    {
        var cancel = TestContext.Current.CancellationToken;
        using var process = Start(folder, variables, arguments);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancel);
            var diagnostics = process.StandardError.ReadToEndAsync(cancel);
            await process.WaitForExitAsync(cancel).WaitAsync(RunsWithin, cancel);
            return new BicepResult(process.ExitCode, await output, await diagnostics);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private static Process Start(
        string folder,
        IReadOnlyDictionary<string, string> variables,
        IReadOnlyList<string> arguments
    )
    {
        var start = new ProcessStartInfo(Program, arguments)
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in Surroundings())
        {
            start.Environment.Remove(name);
        }

        // Otherwise it looks for ICU, which small images lack.
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1";
        // A tenth less work for a program that lives two seconds.
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            var reason = $"The Bicep CLI cannot be run: {exception.Message}";
            Assert.SkipUnless(IsRequired(), reason);
            throw new InvalidOperationException(reason, exception);
        }
    }

    private static IEnumerable<string> Surroundings() =>
        Environment
            .GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .Select(entry => (string)entry.Key)
            .Where(name =>
                name.StartsWith("SYNC_", StringComparison.OrdinalIgnoreCase)
                || name.StartsWith("AZURE_", StringComparison.OrdinalIgnoreCase)
            );

    private static bool IsRequired() =>
        string.Equals(Environment.GetEnvironmentVariable("SYNC_REQUIRE_ALL"), "1", StringComparison.Ordinal);
}
