using ArchUnitNET.Domain;
using ArchUnitNET.Fluent;
using ArchUnitNET.Loader;
using ServerlessSync.Core.Model;
using ServerlessSync.Protocol;
using ServerlessSync.Tables.Memory;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace ServerlessSync.Architecture.Tests;

/// <summary>What the compiled types use, whatever way a type came into reach.</summary>
public sealed class Compiled_dependencies
{
    private static readonly System.Reflection.Assembly[] Parts =
    [
        typeof(IEventHandler).Assembly,
        typeof(BryntumDialect).Assembly,
        typeof(MemoryTableStore).Assembly,
        System.Reflection.Assembly.Load("ServerlessSync.Blobs"),
        System.Reflection.Assembly.Load("ServerlessSync.WebPubSub"),
        System.Reflection.Assembly.Load("ServerlessSync.Api"),
        System.Reflection.Assembly.Load("ServerlessSync.Composition"),
        System.Reflection.Assembly.Load("ServerlessSync.PubSubEmulator"),
        System.Reflection.Assembly.Load("ServerlessSync.Local"),
    ];

    // Types of other assemblies are known by the references to them, which is all that these rules ask for.
    private static readonly ArchUnitNET.Domain.Architecture Loaded = new ArchLoader().LoadAssemblies(Parts).Build();

    public static TheoryData<string, string> Walls { get; } =
        new()
        {
            { "Core", @"(Api|Blobs|Protocol|Tables|WebPubSub|Composition|App|Local)" },
            { "Api", @"(Blobs|Protocol|Tables|WebPubSub|Composition|App|Local)" },
            { "Blobs", @"(Api|Protocol|Tables|WebPubSub|Composition|App|Local)" },
            { "Protocol", @"(Api|Blobs|Tables|WebPubSub|Composition|App|Local)" },
            { "Tables", @"(Api|Blobs|Protocol|WebPubSub|Composition|App|Local)" },
            { "WebPubSub", @"(Api|Blobs|Protocol|Tables|Composition|App|Local)" },
            { "Composition", @"(App|Local|PubSubEmulator)" },
            { "PubSubEmulator", @"(Core|Api|Protocol|Tables|WebPubSub|Composition|App|Local)" },
        };

    [Theory]
    [MemberData(nameof(Walls))]
    public void A_part_uses_no_part_above_or_beside_it(string part, string others) =>
        Check(
            Types()
                .That()
                .Are(OwnTypesOf(part))
                .Should()
                .NotDependOnAny(Types(includeReferenced: true).That().ResideInNamespaceMatching($@"^ServerlessSync\.{others}(\.|$)"))
                .WithoutRequiringPositiveResults()
        );

    [Theory]
    [InlineData("Blobs")]
    [InlineData("Core")]
    [InlineData("Api")]
    [InlineData("Protocol")]
    [InlineData("Tables")]
    [InlineData("WebPubSub")]
    public void Only_the_composition_and_hosts_read_configuration(string part) =>
        Check(
            Types()
                .That()
                .Are(OwnTypesOf(part))
                .Should()
                .NotDependOnAny(
                    Types(includeReferenced: true).That().ResideInNamespaceMatching(@"^(Microsoft\.Extensions\.Configuration|System\.CommandLine)(\.|$)")
                )
                .WithoutRequiringPositiveResults()
        );

    [Theory]
    [InlineData("Core")]
    [InlineData("Protocol")]
    public void The_inner_parts_touch_neither_network_nor_disk(string part) =>
        Check(
            Types()
                .That()
                .Are(OwnTypesOf(part))
                .Should()
                .NotDependOnAny(
                    Types(includeReferenced: true)
                        .That()
                        .ResideInNamespaceMatching(@"^(System\.Net|Microsoft\.AspNetCore|Azure)(\.|$)")
                        .Or()
                        .HaveFullNameMatching(@"^System\.IO\.(File|Directory|FileStream|FileInfo|DirectoryInfo)$")
                )
                .WithoutRequiringPositiveResults()
        );

    private static IObjectProvider<IType> OwnTypesOf(string part) =>
        Types().That().ResideInAssemblyMatching($@"^ServerlessSync\.{part}(,|$)").As($"types of {part}");

    private static void Check(IArchRule rule)
    {
        var broken = rule.Evaluate(Loaded).Where(result => !result.Passed).Select(result => result.Description);
        Assert.Empty(broken);
    }
}
