namespace ServerlessSync.Simulation.Mutants;

/// <summary>A defect that is planted in <c>functions/Core</c> to see whether the checks notice it.</summary>
/// <param name="Name">What it is called on the command line and in the report.</param>
/// <param name="Breaks">What the code no longer does, and why that matters.</param>
/// <param name="Edits">Where it is planted. Applied one after the other.</param>
internal sealed record Mutant(string Name, string Breaks, params IReadOnlyList<MutantEdit> Edits)
{
    /// <summary>A source file that the edits need and Core does not have.</summary>
    public string? AddedSource { get; init; }
}
