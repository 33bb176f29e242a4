using System.Runtime.CompilerServices;

namespace ServerlessSync.Core.Tests.Golden;

/// <summary>A transcript on disk; README.md in this folder describes its format.</summary>
internal sealed record GoldenCase(string Name, IReadOnlyList<string> Lines)
{
    public static string FolderOf(string name, [CallerFilePath] string here = "")
    {
        // The compiled path is that of the build; the tests may run in another copy of the tree.
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
