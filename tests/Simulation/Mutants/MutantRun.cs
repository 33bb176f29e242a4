using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace ServerlessSync.Simulation.Mutants;

/// <summary>What became of a mutant.</summary>
/// <param name="Mutant">The mutant; null for Core as it is.</param>
/// <param name="Seed">The seed that showed the defect; null when none did.</param>
/// <param name="Promise">The promise whose check noticed it first.</param>
/// <param name="Text">What the check saw, or how the run ended.</param>
/// <param name="Time">How long it took, without compiling.</param>
internal sealed record MutantResult(Mutant? Mutant, int? Seed, string Promise, string Text, TimeSpan Time)
{
    public bool IsCaught => Seed is not null;
}

/// <summary>Runs the simulation with a defect in Core: this program again, in a folder of its own, with another Core beside it.</summary>
internal sealed partial class MutantRun(CoreSource source, int from, int seeds)
{
    /// <summary>A mutant may also spin without end, which no check in virtual time sees. Far above the time of all seeds.</summary>
    private static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(10);

    public MutantResult Run(Mutant? mutant)
    {
        var folder = Directory.CreateTempSubdirectory("mutant-").FullName;
        try
        {
            CopyProgram(folder);
            source.Compile(mutant, Path.Combine(folder, typeof(Core.Log.Head).Assembly.ManifestModule.Name));
            return Simulate(mutant, folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Without its list of dependencies, in which the compiler stands, so that it takes what is in the folder.</summary>
    private static void CopyProgram(string folder)
    {
        var name = typeof(MutantRun).Assembly.GetName().Name!;
        var files = Directory
            .EnumerateFiles(AppContext.BaseDirectory, "*.dll")
            .Where(static path => !Path.GetFileName(path).StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal))
            .Append(Path.Combine(AppContext.BaseDirectory, $"{name}.runtimeconfig.json"));
        foreach (var path in files)
        {
            File.Copy(path, Path.Combine(folder, Path.GetFileName(path)));
        }
    }

    private MutantResult Simulate(Mutant? mutant, string folder)
    {
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(
            new ProcessStartInfo(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"))
            {
                ArgumentList =
                {
                    Path.Combine(folder, typeof(MutantRun).Assembly.ManifestModule.Name),
                    "--until-violation",
                    "--threads",
                    "1",
                    "--from",
                    from.ToString(CultureInfo.InvariantCulture),
                    "--seeds",
                    seeds.ToString(CultureInfo.InvariantCulture),
                },
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeMax))
        {
            process.Kill(entireProcessTree: true);
            return new MutantResult(mutant, Seed: null, string.Empty, $"did not end within {TimeMax}", Stopwatch.GetElapsedTime(started));
        }

        process.WaitForExit();
#pragma warning disable VSTHRD002 // The process has ended, and with it its output.
        var (told, complaints) = (output.Result, errors.Result);
#pragma warning restore VSTHRD002
        var time = Stopwatch.GetElapsedTime(started);
        if (FirstViolation().Match(told) is { Success: true } found)
        {
            var seed = int.Parse(found.Groups["seed"].Value, CultureInfo.InvariantCulture);
            return new MutantResult(mutant, seed, found.Groups["promise"].Value, found.Groups["text"].Value, time);
        }

        var end = process.ExitCode == 0 ? "no violation" : $"ended with {process.ExitCode}: {complaints}";
        return new MutantResult(mutant, Seed: null, string.Empty, end, time);
    }

    [GeneratedRegex(@"^seed (?<seed>\d+): (?<promise>[^:]+): (?<text>[^\r\n]*)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex FirstViolation();
}
