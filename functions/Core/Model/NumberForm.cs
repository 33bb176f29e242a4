using System.Globalization;

namespace ServerlessSync.Core.Model;

/// <summary>Formats numbers as a browser does, and tells which decimal texts a browser reads without loss.</summary>
internal static class NumberForm
{
    // ECMA-262, Number::toString: integers below 10^21 are written out, fractions from 10^-6 up have no exponent.
    private const int PlainDigitsMax = 21;
    private const int LeadingZerosMax = 5;

    // A double has at most 767 significant decimal digits.
    private const string AllDigits = "E766";

    // Keys of stored projects write numbers of this size and above with an exponent.
    private const double KeyPlainMax = 1e18;

    /// <summary>What <c>String(number)</c> gives in a browser (ECMA-262, Number::toString).</summary>
    public static string Of(double number)
    {
        var (digits, point) = Decimal(Math.Abs(number).ToString("R", CultureInfo.InvariantCulture));
        var sign = number < 0 ? "-" : string.Empty;
        if (digits.Length == 0)
        {
            return "0";
        }

        if (point >= digits.Length && point <= PlainDigitsMax)
        {
            return sign + digits.PadRight(point, '0');
        }

        if (point is > 0 and <= PlainDigitsMax)
        {
            return $"{sign}{digits[..point]}.{digits[point..]}";
        }

        if (point is >= -LeadingZerosMax and <= 0)
        {
            return $"{sign}0.{new string('0', -point)}{digits}";
        }

        var fraction = digits.Length == 1 ? string.Empty : "." + digits[1..];
        var power = (point - 1).ToString("+0;-0", CultureInfo.InvariantCulture);
        return $"{sign}{digits[0]}{fraction}e{power}";
    }

    /// <summary>
    /// Whether a browser reads the JSON number without loss: the text is exactly the double, or the text that the
    /// browser prints for it.
    /// </summary>
    public static bool IsExact(string json, double number)
    {
        var stated = Decimal(json);
        return stated == Decimal(number.ToString("R", CultureInfo.InvariantCulture))
            || stated == Decimal(number.ToString(AllDigits, CultureInfo.InvariantCulture));
    }

    /// <summary>The text of a number in storage keys, which must not change once written.</summary>
    public static string InKeys(double number) =>
        Math.Abs(number) < KeyPlainMax && double.IsInteger(number)
            ? ((long)number).ToString(CultureInfo.InvariantCulture)
            : number.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>
    /// The significant digits of a decimal text (none for zero) and the position of the point: the value is 0.digits
    /// times ten to that power. The sign is left out, because the compared texts always have the same one.
    /// </summary>
    private static (string Digits, int Point) Decimal(string text)
    {
        var mark = text.IndexOfAny(['e', 'E']);
        var mantissa = mark < 0 ? text : text[..mark];
        var power = mark < 0 ? 0 : Power(text[(mark + 1)..]);
        mantissa = mantissa.TrimStart('-');
        var dot = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = dot < 0 ? mantissa : mantissa[..dot];
        var all = dot < 0 ? mantissa : whole + mantissa[(dot + 1)..];
        var significant = all.TrimStart('0');
        var point = whole.Length - (all.Length - significant.Length) + power;
        var digits = significant.TrimEnd('0');
        return digits.Length == 0 ? (digits, 0) : (digits, point);
    }

    // An exponent beyond 32 bits occurs only in texts that are zero or not finite.
    private static int Power(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var power)
            ? Math.Clamp(power, -1_000_000, 1_000_000)
            : 1_000_000;
}
