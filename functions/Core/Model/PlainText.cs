using System.Globalization;
using System.Text;

namespace ServerlessSync.Core.Model;

/// <summary>
/// Text that reads as it is stored: no control characters, no line or paragraph separators, no half of a surrogate pair, and none of the
/// characters by which a text changes the direction of what is around it (Unicode Standard Annex 9, explicit formatting characters and
/// marks). A name with one of them can look like another name.
/// </summary>
public static class PlainText
{
    private const char Replacement = '\uFFFD';

    /// <summary>Whether a text is plain.</summary>
    public static bool IsPlain(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var rune in text.EnumerateRunes())
        {
            // Half of a surrogate pair is enumerated as the replacement character, which is refused with it.
            if (rune.Value == Replacement || IsSpecial(rune))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The text with the replacement character for everything that is not plain.</summary>
    internal static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            clean.Append(IsSpecial(rune) ? Rune.ReplacementChar : rune);
        }

        return clean.ToString();
    }

    private static bool IsSpecial(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Control
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
        || rune.Value is 0x061C or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
