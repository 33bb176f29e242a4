namespace ServerlessSync.Simulation.Mutants;

/// <summary>A defect that is planted in <c>functions/Core</c> to see whether the checks notice it.</summary>
/// <param name="Name">What it is called on the command line and in the table.</param>
/// <param name="Breaks">What the code no longer does, and why that matters.</param>
/// <param name="Edits">Where it is planted.</param>
internal sealed record Mutant(string Name, string Breaks, params IReadOnlyList<MutantEdit> Edits);

/// <summary>One replacement in one file.</summary>
/// <param name="File">The file, from <c>functions/Core</c> on.</param>
/// <param name="Old">The text that goes; it must occur exactly once, so that the set cannot rot unseen.</param>
/// <param name="New">The text that comes.</param>
internal sealed record MutantEdit(string File, string Old, string New)
{
    /// <summary>The text with the defect in it.</summary>
    /// <exception cref="InvalidDataException">The old text is not there exactly once.</exception>
    public string Apply(string mutant, string source)
    {
        var place = source.IndexOf(Old, StringComparison.Ordinal);
        if (place < 0 || source.IndexOf(Old, place + 1, StringComparison.Ordinal) >= 0)
        {
            throw new InvalidDataException(
                $"Mutant {mutant}: {File} must contain this text exactly once, and contains it {(place < 0 ? "nowhere" : "more often")}: {Old}"
            );
        }

        return source[..place] + New + source[(place + Old.Length)..];
    }
}
