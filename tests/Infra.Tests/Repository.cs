namespace ServerlessSync.Infra.Tests;

/// <summary>The files of the work tree that these tests belong to.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Full paths of the files of a folder and those below it.</summary>
    public static IReadOnlyList<string> Files(string folder, string pattern) =>
        [
            .. Directory
                .EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal),
        ];

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
