using ServerlessSync.Simulation.Mutants;

namespace ServerlessSync.Simulation.Tests;

public sealed class Planting_defects
{
    [Fact]
    public void Each_can_be_planted_in_the_source_as_it_is()
    {
        var source = CoreSource.Read();
        var wrong = MutantSet.All.Select(mutant => Record.Exception(() => source.Check(mutant))).OfType<Exception>();
        Assert.Empty(wrong.Select(static exception => exception.Message));
    }

    [Fact]
    public void There_are_enough_and_each_has_a_name_of_its_own()
    {
        Assert.True(MutantSet.All.Count >= 18, $"There are only {MutantSet.All.Count}.");
        Assert.Equal(MutantSet.All.Count, MutantSet.All.Select(static mutant => mutant.Name).Distinct().Count());
    }

    [Fact]
    public void A_text_that_is_not_there_exactly_once_is_named()
    {
        var edit = new MutantEdit("Log/Head.cs", "a", "b");
        Assert.Equal("xbx", edit.Apply("some", "xax"));
        Assert.Contains("Mutant some: Log/Head.cs", Assert.Throws<InvalidDataException>(() => edit.Apply("some", "aa")).Message);
        Assert.Contains("nowhere", Assert.Throws<InvalidDataException>(() => edit.Apply("some", "x")).Message);
    }

    [Fact]
    public void A_name_that_no_mutant_has_is_named() =>
        Assert.Contains("no-such", Assert.Throws<ArgumentException>(() => MutantSet.Choose(["skip-etag", "no-such"])).Message);

    /// <summary>The whole way once: compiled, run by a process of its own, noticed. All of them: <c>--mutants</c>.</summary>
    [Fact]
    public void The_engine_passes_and_the_engine_with_a_defect_does_not()
    {
        var run = new MutantRun(CoreSource.Read(), from: 1, seeds: 5);

        Assert.Equal("no violation", run.Run(mutant: null).Text);
        var caught = run.Run(MutantSet.Choose(["skip-etag"])[0]);
        Assert.True(caught.IsCaught, caught.Text);
        Assert.Equal("P1 total order", caught.Promise);
    }
}
