using System.Runtime.CompilerServices;

namespace ServerlessSync.Core.Tests.Golden;

/// <summary>A transcript on disk; see README.md beside it for its form.</summary>
internal sealed record GoldenCase(string Name, IReadOnlyList<string> Lines)
{
    private static string Folder([CallerFilePath] string here = "")
    {
        // The path in the program is the builder's; the tree that it runs in may be another copy.
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "ServerlessSync.sln")))
        {
            root = root.Parent;
        }

        return root is null
            ? Path.Combine(Path.GetDirectoryName(here)!, "Cases")
            : Path.Combine(root.FullName, "tests", "Core.Tests", "Golden", "Cases");
    }

    public static IEnumerable<string> Names() =>
        Directory.EnumerateFiles(Folder(), "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);

    public static GoldenCase Read(string name) => new(name, File.ReadAllLines(PathOf(name)));

    public static void Write(string name, string transcript) => File.WriteAllText(PathOf(name), transcript);

    private static string PathOf(string name) => Path.Combine(Folder(), name + ".txt");
}
