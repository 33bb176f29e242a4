namespace ServerlessSync.Tables.Tests.Sqlite;

/// <summary>A folder that is deleted after its test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string path = Directory.CreateTempSubdirectory("tables-").FullName;

    /// <summary>A file in a folder that does not exist yet.</summary>
    public string File => Path.Combine(path, "deep", "down", "tables.db");

    public void Dispose() => Directory.Delete(path, recursive: true);
}
