using System.Globalization;
using System.Text;

namespace ServerlessSync.Core.Model;

/// <summary>
/// Text that is displayed as it is stored: no control characters, no line or paragraph separators, no lone surrogates,
/// and none of the characters that change the direction of the text around them (Unicode Standard Annex 9, explicit
/// formatting characters and marks). A name with one of these can look like another name.
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
            // A lone surrogate is enumerated as the replacement character, so that one is refused too.
            if (rune.Value == Replacement || IsSpecial(rune))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The text with every character that is not plain replaced by the replacement character.</summary>
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
