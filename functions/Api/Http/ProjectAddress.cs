using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Api.Http;

/// <summary>
/// Reads what an address below <c>/api/projects</c> names. A text in it is taken whole or not at all: the path that hosts hand on has its
/// escapes resolved, but for a slash, so that <c>a%2Fb</c> would be another text.
/// </summary>
internal static class ProjectAddress
{
    private static readonly string IdRule = $"id: 1 to {JsonId.LengthMax} characters, no control characters";

    /// <summary>
    /// The parts of the address behind <c>/api/projects</c>, each decoded once. From the request's target as it was sent; where a server
    /// gives none, from the path.
    /// </summary>
    /// <returns>Null when the address has parts that are steps (<c>.</c> and <c>..</c>), which servers resolve differently.</returns>
    public static string[]? Split(HttpContext context)
    {
        var prefix = ApiRoutes.ProjectsPath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var sent = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? string.Empty;
        var end = sent.IndexOfAny(['?', '#']);
        string[] target = [.. Parts(end < 0 ? sent : sent[..end]).Select(Uri.UnescapeDataString)];
        string[] path = Parts(context.Request.Path.Value ?? string.Empty);
        if (target.Concat(path).Any(static part => part is "." or ".."))
        {
            return null;
        }

        return IsBelow(prefix, target) ? target[prefix.Length..]
            : IsBelow(prefix, path) ? path[prefix.Length..]
            : [];
    }

    private static string[] Parts(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    private static bool IsBelow(string[] prefix, string[] parts) =>
        parts.Length >= prefix.Length && prefix.SequenceEqual(parts.Take(prefix.Length), StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// What is wrong with a part of an address that was decoded before it came here: a slash in it has become three characters. Null when
    /// the part is as it was meant.
    /// </summary>
    public static string? RefuseHalfDecoded(string part, string field, string instead) =>
        part.Contains("%2f", StringComparison.OrdinalIgnoreCase)
            ? $"{field}: a slash, or \"%2F\", does not come through in a path here; {instead}"
            : null;

    /// <summary>Reads an id: a number when the text reads as one, a text in quotes, or the text itself.</summary>
    /// <returns>What is wrong with it; null when <paramref name="project"/> is the id.</returns>
    public static string? ReadId(string text, out ProjectId project)
    {
        project = default;
        if (TryParse(text, out var number, out var quoted))
        {
            return ReadNumber(number, out project);
        }

        var id = quoted ?? text;
        if (!JsonId.IsUsable(id))
        {
            return IdRule;
        }

        project = new ProjectId(JsonId.Of(id));
        return null;
    }

    private static bool TryParse(string text, out JsonElement number, out string? quoted)
    {
        number = default;
        quoted = null;
        try
        {
            using var document = JsonDocument.Parse(text);
            switch (document.RootElement.ValueKind)
            {
                case JsonValueKind.Number:
                    number = document.RootElement.Clone();
                    return true;
                case JsonValueKind.String:
                    quoted = document.RootElement.GetString();
                    return false;
                default:
                    return false;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Plain text. InvalidOperation: a lone surrogate as an escape, which is no text.
            return false;
        }
    }

    /// <summary>
    /// A number that no double holds would be taken for its neighbour, and so for another project: what was written must be what the
    /// number reads as.
    /// </summary>
    private static string? ReadNumber(JsonElement number, out ProjectId project)
    {
        project = default;
        var text = number.GetRawText();
        if (!number.TryGetDouble(out var value) || !double.IsFinite(value))
        {
            return $"id: {Shorten(text)} is beyond the numbers that can be ids; in quotes it is a text";
        }

        if (Digits(text) != Digits(value.ToString("R", CultureInfo.InvariantCulture)))
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"id: {Shorten(text)} is no exact number, the nearest is {value:R}; in quotes it is a text"
            );
        }

        if (!JsonId.TryRead(number, out var id))
        {
            return IdRule;
        }

        project = new ProjectId(id);
        return null;
    }

    private static string Shorten(string text) => text.Length <= JsonId.LengthMax ? text : text[..JsonId.LengthMax] + "…";

    /// <summary>A decimal number as its significant digits and the power of ten behind them, so that 1.0, 1e0 and 1 are the same.</summary>
    private static (bool IsNegative, string Digits, long Exponent) Digits(string number)
    {
        var isNegative = number.StartsWith('-');
        var at = number.IndexOfAny(['e', 'E']);
        var mantissa = (at < 0 ? number : number[..at]).TrimStart('-');
        var exponent = at < 0 ? 0 : ReadExponent(number.AsSpan(at + 1));
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = point < 0 ? mantissa : mantissa.Remove(point, 1);
        exponent -= point < 0 ? 0 : mantissa.Length - point - 1;
        var significant = digits.TrimEnd('0');
        exponent += digits.Length - significant.Length;
        significant = significant.TrimStart('0');
        return significant.Length == 0 ? (false, string.Empty, 0) : (isNegative, significant, exponent);
    }

    /// <summary>An exponent of more digits than a long holds is of no finite number, or of one that reads as zero.</summary>
    private static long ReadExponent(ReadOnlySpan<char> text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent) ? exponent : long.MinValue / 2;
}
