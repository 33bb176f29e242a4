using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ServerlessSync.Architecture.Tests;

/// <summary>Every clone restores the same packages.</summary>
public sealed partial class Packages
{
    [Fact]
    public void Every_version_is_decided_in_one_place()
    {
        var shared = Repository.ReadXml("Directory.Build.props").Descendants("PackageReference");
        var references = ProjectFile.All.SelectMany(project => project.Packages).Concat(shared).ToList();
        var central = Central().Keys.ToHashSet(StringComparer.OrdinalIgnoreCase);

        Assert.NotEmpty(references);
        Assert.DoesNotContain(references, reference => reference.Attribute("Version") is not null);
        Assert.DoesNotContain(references, reference => reference.Attribute("VersionOverride") is not null);
        Assert.Empty(references.Select(reference => (string)reference.Attribute("Include")!).Except(central, StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public void Versions_are_exact() =>
        Assert.DoesNotContain(Central().Values, version => !ExactVersion().IsMatch(version));

    [Fact]
    public void Every_project_has_a_lock_file() =>
        Assert.DoesNotContain(
            ProjectFile.All.Select(project => Path.GetDirectoryName(project.Path)!),
            folder => !File.Exists(Path.Combine(Repository.Root, folder, "packages.lock.json"))
        );

    [Fact]
    public void Npm_lock_files_name_the_public_registry_or_none()
    {
        var addresses = Repository
            .Files(".", "package-lock.json")
            .SelectMany(path => Addresses(path).Select(address => (Path: path, Address: address)));

        Assert.DoesNotContain(
            addresses,
            found => !found.Address.StartsWith("https://registry.npmjs.org/", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void No_package_source_is_configured_in_the_repository() =>
        Assert.DoesNotContain(
            Repository.Files(".", "*").Select(path => Path.GetFileName(path)),
            name =>
                string.Equals(name, "nuget.config", StringComparison.OrdinalIgnoreCase)
                || string.Equals(name, ".npmrc", StringComparison.Ordinal)
        );

    private static Dictionary<string, string> Central() =>
        Repository
            .ReadXml("Directory.Packages.props")
            .Descendants("PackageVersion")
            .ToDictionary(Attribute("Include"), Attribute("Version"), StringComparer.OrdinalIgnoreCase);

    private static Func<XElement, string> Attribute(string name) => element => (string)element.Attribute(name)!;

    private static IEnumerable<string> Addresses(string path)
    {
        using var document = JsonDocument.Parse(Repository.ReadText(path));
        return document.RootElement.TryGetProperty("packages", out var packages)
            ?
            [
                .. packages
                    .EnumerateObject()
                    .Where(package => package.Value.TryGetProperty("resolved", out _))
                    .Select(package => package.Value.GetProperty("resolved").GetString()!)
                    .Where(address => address.Contains("://", StringComparison.Ordinal)),
            ]
            : [];
    }

    [GeneratedRegex(@"^\d+\.\d+\.\d+(\.\d+)?$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ExactVersion();
}
