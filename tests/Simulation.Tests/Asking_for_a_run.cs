namespace ServerlessSync.Simulation.Tests;

public sealed class Asking_for_a_run
{
    [Theory]
    [InlineData("--seeds", "--seeds", "0")]
    [InlineData("--threads", "--threads", "100000")]
    [InlineData("--from", "--from", "-1")]
    [InlineData("many", "--seeds", "many")]
    [InlineData("--sedes", "--sedes", "3")]
    [InlineData("--seed", "--verbose")]
    [InlineData("no-such", "--mutant", "no-such")]
    public void What_cannot_be_asked_for_is_named(string named, params string[] arguments)
    {
        using var errors = new StringWriter();
        Assert.Equal(1, Commands.Run(arguments, errors));
        Assert.Contains(named, errors.ToString());
    }
}
