using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using ServerlessSync.Simulation.Mutants;
using static ServerlessSync.Simulation.Mutants.MutantPlace;

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

    [Theory]
    [InlineData("Send(1)", "Send(2)")]
    [InlineData("Send ( /* first */ 1\n)", "Send(2)")]
    public void Formatting_and_comments_do_not_matter(string source, string edited)
    {
        var (_, tree) = In("Sender", "Run").Replace("Send(1)", "Send(2)").Apply("some", [Parse($"class Sender {{ void Run() => {source}; }}")]);

        Assert.Equal($"class Sender {{ void Run() => {edited}; }}", tree.ToString());
    }

    [Fact]
    public void All_parts_of_a_type_and_all_overloads_are_searched_and_nothing_else()
    {
        SyntaxTree[] source =
        [
            Parse("class Other { void Run() => Send(1); }"),
            Parse("partial class Sender { void Run() { } void Stop() => Send(1); }"),
            Parse("partial class Sender { void Run(int one) => Send(1); }"),
        ];

        Assert.Same(source[2], In("Sender", "Run").Remove("Send(1)").Apply("some", source).Old);
    }

    [Theory]
    [InlineData("Sender", "Run", "Send(3)", "Mutant some: Sender.Run does not contain these tokens: Send(3).")]
    [InlineData("Sender", "Run", "Send(1)", "Mutant some: Sender.Run contains these tokens 2 times, at Sender.cs:2, Sender.cs:3: Send(1).")]
    [InlineData("Sender", "Start", "Send(1)", "Mutant some: Sender has no member Start.")]
    [InlineData("Receiver", "Run", "Send(1)", "Mutant some: there is no type Receiver in functions/Core.")]
    public void An_edit_that_does_not_apply_exactly_once_is_named(string type, string member, string old, string error)
    {
        var source = Parse("class Sender { void Run() {\nSend(1);\nSend(1); } }");

        Assert.Equal(error, Assert.Throws<InvalidDataException>(() => In(type, member).Remove(old).Apply("some", [source])).Message);
    }

    [Fact]
    public void An_edit_that_does_not_compile_is_named()
    {
        var mutant = new Mutant("some", "nothing", In("MemoryAccount", "Dispose").Replace("budget.GiveBack(bytes, body);", "none();"));

        Assert.Contains("Mutant some does not compile", Assert.Throws<InvalidDataException>(() => CoreSource.Read().Check(mutant)).Message);
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

    private static SyntaxTree Parse(string source) => CSharpSyntaxTree.ParseText(source, path: "Sender.cs");
}
