using System.Globalization;

namespace ServerlessSync.Core.State;

/// <summary>The author's own numbering: <c>"local-5"</c> (Bryntum's, and our client's) or a plain number.</summary>
internal static class LocalRevision
{
    private const string Prefix = "\"local-";

    /// <summary>Reads the number out of the JSON text of a local revision.</summary>
    public static bool TryRead(string json, out long number)
    {
        var digits = json.AsSpan();
        if (digits.StartsWith(Prefix, StringComparison.Ordinal) && digits[^1] == '"')
        {
            digits = digits[Prefix.Length..^1];
        }

        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
