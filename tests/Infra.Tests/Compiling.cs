namespace ServerlessSync.Infra.Tests;

/// <summary>The compiler and its linter have nothing to say, and what is kept is what would be deployed.</summary>
public sealed class Compiling(Templates templates)
{
    private static readonly string[] ParameterFiles = ["main.bicepparam", "dev.bicepparam", "prod.bicepparam"];

    // Warnings and the linter's among them: `build` answers 0 with them, so what it says is looked at.
    [Fact]
    public async Task The_templates_compile_without_a_word()
    {
        var result = await templates.Compiled;

        Assert.Equal("", result.Diagnostics);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task Every_file_is_formatted()
    {
        var sources = Repository
            .Files("infra", "*.bicep*")
            .Where(file => !file.EndsWith(".json", StringComparison.Ordinal))
            .ToList();
        using var copy = new Templates();

        var result = await copy.RunAsync(Templates.Variables, "format", "--pattern", "./**/*.bicep*");

        Assert.Equal("", result.Diagnostics);
        Assert.NotEmpty(sources);
        Assert.All(
            sources,
            file =>
                Assert.Equal(
                    File.ReadAllText(
                        Path.Combine(copy.Folder, Path.GetRelativePath(Path.Combine(Repository.Root, "infra"), file))
                    ),
                    File.ReadAllText(file)
                )
        );
    }

    [Fact]
    public void Every_parameter_file_is_tried() =>
        Assert.Equal(
            ParameterFiles.Order(StringComparer.Ordinal),
            Repository
                .Files("infra", "*.bicepparam")
                .Select(file => Path.GetFileName(file)!)
                .Order(StringComparer.Ordinal)
        );

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public async Task What_would_be_deployed_is_what_was_reviewed(string name)
    {
        var kept = Path.Combine(Repository.Root, "tests", "Infra.Tests", "Snapshots", $"{name}.snapshot.json");
        var predicted = (await (name == "dev" ? templates.Development : templates.Production)).Text;
        if (string.Equals(Environment.GetEnvironmentVariable("SYNC_RENEW_SNAPSHOTS"), "1", StringComparison.Ordinal))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
            await File.WriteAllTextAsync(kept, predicted, TestContext.Current.CancellationToken);
        }

        Assert.True(
            File.Exists(kept)
                && string.Equals(
                    predicted,
                    Snapshot.Read(await File.ReadAllTextAsync(kept, TestContext.Current.CancellationToken)).Text,
                    StringComparison.Ordinal
                ),
            $"The resources of {name}.bicepparam have changed. If that is meant, renew the snapshot and review its difference: "
                + "SYNC_RENEW_SNAPSHOTS=1 dotnet test --project tests/Infra.Tests"
        );
    }
}
