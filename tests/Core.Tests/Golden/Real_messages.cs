namespace ServerlessSync.Core.Tests.Golden;

public sealed class Real_messages
{
    public static TheoryData<string> Cases => [.. GoldenCase.Names()];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Are_answered_as_it_is_written(string name)
    {
        var golden = GoldenCase.Read(name);
        var expected = string.Join('\n', golden.Lines) + "\n";
        var actual = GoldenRun.Play(golden);
        if (Environment.GetEnvironmentVariable("SYNC_GOLDEN_WRITE") == "1")
        {
            GoldenCase.Write(name, actual);
            return;
        }

        Assert.Equal(expected, actual);
    }
}
