using System.Xml.Linq;

namespace ServerlessSync.Architecture.Tests;

/// <summary>The files of the work tree that these tests belong to.</summary>
internal static class Repository
{
    private static readonly string[] Ignored = ["artifacts", "node_modules", "bin", "obj"];

    public static string Root { get; } = FindRoot();

    public static string ReadText(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Paths relative to the root, with forward slashes, of all files of a kind that are sources.</summary>
    public static IReadOnlyList<string> Files(string folder, string pattern) =>
        [
            .. Directory
                .EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
                .Where(path => !path.Split('/').Any(Ignored.Contains))
                .Order(StringComparer.Ordinal),
        ];

    public static XDocument ReadXml(string path) => XDocument.Load(Path.Combine(Root, path));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ServerlessSync.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName
            ?? throw new InvalidOperationException($"'{AppContext.BaseDirectory}' lies outside the repository.");
    }
}
