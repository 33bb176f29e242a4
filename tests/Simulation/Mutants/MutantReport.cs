using System.Globalization;
using System.Text;

namespace ServerlessSync.Simulation.Mutants;

/// <summary>What <c>--mutants</c> found, as Markdown. The seeds change with every change of the simulation or of Core, so the report is not checked in.</summary>
internal static class MutantReport
{
    /// <param name="results">One for each defect.</param>
    /// <param name="from">The first seed that was tried.</param>
    public static string Of(IReadOnlyList<MutantResult> results, int from)
    {
        var text = new StringBuilder()
            .AppendLine("| planted defect | what it breaks | noticed by | seed | seeds needed | time |")
            .AppendLine("| --- | --- | --- | ---: | ---: | ---: |");
        foreach (var result in results)
        {
            var (name, breaks) = (result.Mutant!.Name, result.Mutant.Breaks);
            var seeds = result.Seed is { } seed ? $"{seed} | {seed - from + 1}" : "- | -";
            var promise = result.IsCaught ? result.Promise : "no check";
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {name} | {breaks} | {promise} | {seeds} | {result.Time.TotalSeconds:F1} s |"
            );
        }

        return text.ToString();
    }
}
