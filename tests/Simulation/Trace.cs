using System.Runtime.CompilerServices;

namespace ServerlessSync.Simulation;

/// <summary>The events of a run, one line each. Costs nothing while it is off.</summary>
internal sealed class Trace(TimeProvider time, bool isOn)
{
    private readonly List<string> lines = [];
    private readonly long start = time.GetTimestamp();

    public bool IsOn => isOn;

    public IReadOnlyList<string> Lines => lines;

    public void Note([InterpolatedStringHandlerArgument("")] ref Line line)
    {
        if (isOn)
        {
            lines.Add($"{time.GetElapsedTime(start).TotalSeconds,9:F3}  {line.Text()}");
        }
    }

    /// <summary>A text that is formatted only while the trace is on.</summary>
    [InterpolatedStringHandler]
    internal ref struct Line
    {
        private DefaultInterpolatedStringHandler inner;

        public Line(int literalLength, int formattedCount, Trace trace, out bool isOn)
        {
            isOn = trace.IsOn;
            inner = isOn ? new DefaultInterpolatedStringHandler(literalLength, formattedCount) : default;
        }

        public void AppendLiteral(string value) => inner.AppendLiteral(value);

        public void AppendFormatted<T>(T value) => inner.AppendFormatted(value);

        public void AppendFormatted<T>(T value, string format) => inner.AppendFormatted(value, format);

        public string Text() => inner.ToStringAndClear();
    }
}
