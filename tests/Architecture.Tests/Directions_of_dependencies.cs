namespace ServerlessSync.Architecture.Tests;

/// <summary><c>App, Local → Composition → {Api, Blobs, Protocol, Tables, WebPubSub} → Core</c>, as the project files state it.</summary>
public sealed class Directions_of_dependencies
{
    private static readonly string[] Siblings = ["Api", "Blobs", "Protocol", "Tables", "WebPubSub"];

    public static TheoryData<string, string[]> Allowed { get; } =
        new()
        {
            { "Core", [] },
            { "Api", ["Core"] },
            { "Blobs", ["Core"] },
            { "Protocol", ["Core"] },
            { "Tables", ["Core"] },
            { "WebPubSub", ["Core"] },
            { "Composition", ["Core", .. Siblings] },
            { "App", ["Core", "Composition", .. Siblings] },
            { "PubSubEmulator", [] },
            { "Local", ["Core", "Composition", "PubSubEmulator", .. Siblings] },
        };

    /// <summary>What the developer's program borrows from the tests: the Functions host of <c>--worker</c> and the emulator of Table Storage.</summary>
    private static readonly string[] Borrowed = ["tests/FunctionsHost/FunctionsHost.csproj", "tests/Support/Support.csproj"];

    [Theory]
    [MemberData(nameof(Allowed))]
    public void A_project_refers_to_nothing_above_or_beside_it(string name, string[] allowed)
    {
        var permitted = allowed.Select(other => $"functions/{other}/{other}.csproj");

        Assert.Empty(ProjectFile.Named(name).ProjectReferences.Except(permitted.Concat(BorrowedBy(name)), StringComparer.Ordinal));
    }

    [Fact]
    public void Every_project_of_the_product_has_its_place_in_the_order() =>
        Assert.Equal(
            Allowed.Select(row => row.Data.Item1).Order(StringComparer.Ordinal),
            ProjectFile.Product.Select(project => project.Name).Order(StringComparer.Ordinal)
        );

    [Fact]
    public void The_engine_needs_no_package_and_no_web_server()
    {
        var core = ProjectFile.Named("Core");

        Assert.Empty(core.PackageReferences);
        Assert.Empty(core.FrameworkReferences);
    }

    [Fact]
    public void The_dialect_needs_no_package_and_no_web_server()
    {
        var protocol = ProjectFile.Named("Protocol");

        Assert.Empty(protocol.PackageReferences);
        Assert.Empty(protocol.FrameworkReferences);
    }

    [Fact]
    public void The_product_knows_nothing_of_its_tests() =>
        Assert.DoesNotContain(
            ProjectFile.Product.SelectMany(project => project.ProjectReferences.Except(BorrowedBy(project.Name), StringComparer.Ordinal)),
            reference => !reference.StartsWith("functions/", StringComparison.Ordinal)
        );

    // What an engine may do is decided by its caller's identity, so only the composition may choose one.
    [Fact]
    public void Only_the_composition_chooses_an_identity() =>
        Assert.Subset(
            new HashSet<string>(["Composition"], StringComparer.Ordinal),
            ProjectFile
                .Product.Where(project => project.PackageReferences.Contains("Azure.Identity", StringComparer.Ordinal))
                .Select(project => project.Name)
                .ToHashSet(StringComparer.Ordinal)
        );

    private static string[] BorrowedBy(string name) => string.Equals(name, "Local", StringComparison.Ordinal) ? Borrowed : [];
}
