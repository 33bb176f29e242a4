using System.Runtime.CompilerServices;

namespace ServerlessSync.Core.Tests.Golden;

/// <summary>A transcript on disk; see README.md beside it for its form.</summary>
internal sealed record GoldenCase(string Name, IReadOnlyList<string> Lines)
{
    public static string FolderOf(string name, [CallerFilePath] string here = "")
    {
        // The path in the program is the builder's; the tree that it runs in may be another copy.
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "ServerlessSync.sln")))
        {
            root = root.Parent;
        }

        return root is null
            ? Path.Combine(Path.GetDirectoryName(here)!, name)
            : Path.Combine(root.FullName, "tests", "Core.Tests", "Golden", name);
    }

    public static IEnumerable<string> Names() =>
        Directory.EnumerateFiles(FolderOf("Cases"), "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);

    public static GoldenCase Read(string name) => new(name, File.ReadAllLines(PathOf(name)));

    public static void Write(string name, string transcript) => File.WriteAllText(PathOf(name), transcript);

    private static string PathOf(string name) => Path.Combine(FolderOf("Cases"), name + ".txt");
}
