using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Api.Http;

/// <summary>
/// Reads what an address below <c>/api/projects</c> names. A segment is read exactly or refused: hosts pass on the path
/// with all escapes decoded except that of a slash, so <c>a%2Fb</c> would name something else.
/// </summary>
internal static class ProjectAddress
{
    private static readonly string IdRule = $"id: 1 to {JsonId.LengthMax} characters, no control characters";

    /// <summary>
    /// The segments of the address behind <c>/api/projects</c>, each decoded once. Reads the request's raw target, or the
    /// path where the server provides no target.
    /// </summary>
    /// <returns>Null when a segment is <c>.</c> or <c>..</c>, which servers resolve differently.</returns>
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
    /// Detects a segment that was decoded before it arrived here, so that a slash in it became three characters. Returns
    /// the problem, or null when the segment is intact.
    /// </summary>
    public static string? RefuseHalfDecoded(string part, string field, string instead) =>
        part.Contains("%2f", StringComparison.OrdinalIgnoreCase)
            ? $"{field}: a slash, or \"%2F\", cannot be used in a path here; {instead}"
            : null;

    /// <summary>
    /// Reads an id: a number when the text is a JSON number, the content of a JSON string, or else the text itself.
    /// </summary>
    /// <returns>The problem; null when <paramref name="project"/> holds the id.</returns>
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
            // Plain text. InvalidOperationException: a lone surrogate as an escape.
            return false;
        }
    }

    /// <summary>
    /// Refuses a number that a double cannot hold exactly: it would be read as its neighbour, and so name another project.
    /// </summary>
    private static string? ReadNumber(JsonElement number, out ProjectId project)
    {
        project = default;
        var text = number.GetRawText();
        if (!number.TryGetDouble(out var value) || !double.IsFinite(value))
        {
            return $"id: {Shorten(text)} is out of range for an id; quote it to use it as text";
        }

        if (Digits(text) != Digits(value.ToString("R", CultureInfo.InvariantCulture)))
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"id: {Shorten(text)} cannot be represented exactly, the nearest number is {value:R}; quote it to use it as text"
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

    /// <summary>A decimal number as its significant digits and a power of ten, so that 1.0, 1e0 and 1 are equal.</summary>
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

    /// <summary>An exponent too large for a long belongs to a number that is not finite, or that reads as zero.</summary>
    private static long ReadExponent(ReadOnlySpan<char> text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent) ? exponent : long.MinValue / 2;
}
