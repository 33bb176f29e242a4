using ServerlessSync.Simulation.Performance;

namespace ServerlessSync.Simulation.Tests;

public sealed class Comparing_with_a_baseline : IDisposable
{
    private static readonly Lazy<LoadResult> Measured = new(static () =>
        LoadModel.Run(new LoadCase(1, 2, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(10)) { Measured = TimeSpan.FromSeconds(1) })
    );

    private readonly string path = Path.GetTempFileName();

    public Comparing_with_a_baseline() => LoadBaseline.Write(path, [Measured.Value]);

    public void Dispose() => File.Delete(path);

    [Fact]
    public void The_same_figures_are_not_worse() => Assert.Empty(LoadBaseline.Compare(path, [Measured.Value]));

    [Theory]
    [InlineData(2, 2, "revisions per second")] // More is better.
    [InlineData(4, 0.5, "p99 to author")] // Less is better.
    [InlineData(5, 0.5, "requests per revision")]
    public void A_figure_that_is_worse_is_named(int column, double times, string name)
    {
        Scale(column, times);

        Assert.Contains(name, Assert.Single(LoadBaseline.Compare(path, [Measured.Value])));
    }

    [Theory]
    [InlineData(2, 0.5)]
    [InlineData(4, 2)]
    [InlineData(4, 0.96)]
    public void A_figure_that_is_better_or_hardly_worse_is_not(int column, double times)
    {
        Scale(column, times);

        Assert.Empty(LoadBaseline.Compare(path, [Measured.Value]));
    }

    [Fact]
    public void A_case_that_the_baseline_lacks_is_named()
    {
        LoadBaseline.Write(path, []);

        Assert.Contains("1 instances, 2 clients", Assert.Single(LoadBaseline.Compare(path, [Measured.Value])));
    }

    private void Scale(int column, double times)
    {
        var lines = File.ReadAllLines(path);
        var cells = lines[1].Split(',');
        cells[column] = (double.Parse(cells[column]) * times).ToString("F3");
        File.WriteAllLines(path, [lines[0], string.Join(',', cells)]);
    }
}
