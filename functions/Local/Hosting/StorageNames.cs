namespace ServerlessSync.Local.Hosting;

/// <summary>How a store is named in messages.</summary>
internal static class StorageNames
{
    /// <summary>A connection string can hold a key, which belongs in no log.</summary>
    public static string WithoutSecrets(string storage) =>
        storage is "memory" or "sqlite" || storage.Equals("UseDevelopmentStorage=true", StringComparison.OrdinalIgnoreCase)
            ? storage
            : "(connection string)";
}
