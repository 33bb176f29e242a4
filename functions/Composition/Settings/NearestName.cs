namespace ServerlessSync.Composition.Settings;

/// <summary>Suggests the name that a mistyped name probably meant.</summary>
internal static class NearestName
{
    /// <summary>At most one edit per four characters: more distant suggestions mislead.</summary>
    private const int CharactersPerEdit = 4;

    /// <summary>The candidate with the fewest single-character edits, ignoring case; null when none is close.</summary>
    public static string? Of(string name, IEnumerable<string> candidates)
    {
        var nearest = candidates.Select(candidate => (Candidate: candidate, Edits: Distance(name, candidate))).MinBy(static pair => pair.Edits);
        return nearest.Candidate is not null && nearest.Edits <= Math.Max(2, name.Length / CharactersPerEdit) ? nearest.Candidate : null;
    }

    /// <summary>The Levenshtein distance, computed one row at a time.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var replaced = diagonal + (char.ToUpperInvariant(left[i - 1]) == char.ToUpperInvariant(right[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[right.Length];
    }
}
