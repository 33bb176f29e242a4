using System.Xml.Linq;

namespace ServerlessSync.Architecture.Tests;

/// <summary>A project according to its file. Read as text, so that the Function App is checked without being built.</summary>
internal sealed record ProjectFile(string Path, XDocument Document)
{
    public static IReadOnlyList<ProjectFile> All { get; } =
        [.. Repository.Files(".", "*.csproj").Select(path => new ProjectFile(path, Repository.ReadXml(path)))];

    public static IReadOnlyList<ProjectFile> Product { get; } =
        [.. All.Where(project => project.Path.StartsWith("functions/", StringComparison.Ordinal))];

    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>Root-relative paths of the projects that this one refers to.</summary>
    public IReadOnlyList<string> ProjectReferences => [.. Includes("ProjectReference").Select(Resolve)];

    public IReadOnlyList<XElement> Packages => [.. Document.Descendants("PackageReference")];

    public IReadOnlyList<string> PackageReferences => [.. Includes("PackageReference")];

    public IReadOnlyList<string> FrameworkReferences => [.. Includes("FrameworkReference")];

    public static ProjectFile Named(string name) =>
        All.Single(project => string.Equals(project.Name, name, StringComparison.Ordinal));

    public string? Property(string name) => Document.Descendants(name).SingleOrDefault()?.Value;

    /// <inheritdoc/>
    public override string ToString() => Path;

    private IEnumerable<string> Includes(string item) =>
        Document.Descendants(item).Select(element => (string?)element.Attribute("Include")).OfType<string>();

    private string Resolve(string include)
    {
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.Combine(Repository.Root, Path))!;
        var full = System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, include.Replace('\\', '/')));
        return System.IO.Path.GetRelativePath(Repository.Root, full).Replace('\\', '/');
    }
}
