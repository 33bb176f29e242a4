using System.Globalization;

namespace ServerlessSync.FunctionsHost;

/// <summary>
/// A schedule in NCRONTAB: second, minute, hour, day, month, day of the week (0 is Sunday). Each is <c>*</c>, a number, a
/// range, a list, or one of these with a step. Names of months and days are not supported. In UTC, as in Azure.
/// </summary>
internal sealed class TimerSchedule
{
    private static readonly (int Min, int Max)[] Bounds = [(0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6)];

    private readonly bool[][] fields;

    private TimerSchedule(bool[][] parsed) => fields = parsed;

    /// <exception cref="FormatException">The text is not a schedule.</exception>
    public static TimerSchedule Parse(string text)
    {
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return parts.Length == Bounds.Length
            ? new TimerSchedule([.. parts.Zip(Bounds, static (part, bound) => ParseField(part, bound.Min, bound.Max))])
            : throw new FormatException($"'{text}' is not a schedule of {Bounds.Length} fields.");
    }

    /// <summary>The first time after <paramref name="moment"/>.</summary>
    /// <exception cref="FormatException">There is none within eight years, a span that includes a leap day.</exception>
    public DateTimeOffset Next(DateTimeOffset moment)
    {
        var next = new DateTimeOffset(moment.Ticks - (moment.Ticks % TimeSpan.TicksPerSecond), moment.Offset).ToUniversalTime().AddSeconds(1);
        var last = next.AddYears(8);
        while (next < last)
        {
            if (!fields[4][next.Month] || !fields[3][next.Day] || !fields[5][(int)next.DayOfWeek])
            {
                next = new DateTimeOffset(next.Date, TimeSpan.Zero).AddDays(1);
            }
            else if (!fields[2][next.Hour] || !fields[1][next.Minute])
            {
                next = next.AddSeconds(-next.Second).AddMinutes(1);
            }
            else if (!fields[0][next.Second])
            {
                next = next.AddSeconds(1);
            }
            else
            {
                return next;
            }
        }

        throw new FormatException("The schedule names a day that does not exist.");
    }

    private static bool[] ParseField(string text, int min, int max)
    {
        var field = new bool[max + 1];
        foreach (var item in text.Split(','))
        {
            var (range, step) = item.Split('/') switch
            {
                [var all] => (all, 1),
                [var all, var every] => (all, Number(every, 1, max)),
                _ => throw new FormatException($"'{item}' has more than one step."),
            };
            var (from, to) = range.Split('-') switch
            {
                ["*"] => (min, max),
                [var one] => (Number(one, min, max), range.Length == item.Length ? Number(one, min, max) : max),
                [var first, var second] => (Number(first, min, max), Number(second, min, max)),
                _ => throw new FormatException($"'{range}' is not a range."),
            };
            for (var value = from; value <= to; value += step)
            {
                field[value] = true;
            }
        }

        return field;
    }

    private static int Number(string text, int min, int max) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new FormatException($"'{text}' is not a number from {min} to {max}.");
}
