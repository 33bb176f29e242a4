namespace ServerlessSync.Soak.Clients;

/// <summary>A histogram of durations with 5 % wide classes, so that its memory does not depend on the length of a run.</summary>
internal sealed class LatencyHistogram
{
    private const double Width = 1.05;

    /// <summary>The last class holds everything above about 40 minutes.</summary>
    private readonly long[] classes = new long[300];

    private readonly Lock guard = new();

    public void Add(TimeSpan duration)
    {
        var place = (int)Math.Log(Math.Max(1, duration.TotalMilliseconds), Width);
        lock (guard)
        {
            classes[Math.Min(place, classes.Length - 1)]++;
        }
    }

    /// <summary>The milliseconds, to 5 %, below which a share of all durations lies; 0 when there are none.</summary>
    public double At(double share)
    {
        lock (guard)
        {
            var left = classes.Sum() * share;
            for (var place = 0; place < classes.Length; place++)
            {
                left -= classes[place];
                if (left <= 0 && classes[place] > 0)
                {
                    return Math.Pow(Width, place + 1);
                }
            }

            return 0;
        }
    }
}
