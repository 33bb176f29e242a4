namespace ServerlessSync.Local.Hosting;

/// <summary>The name of a store in messages.</summary>
internal static class StorageNames
{
    /// <summary>Hides connection strings, because they can hold a key.</summary>
    public static string WithoutSecrets(string storage) =>
        storage is "memory" or "sqlite" || storage.Equals("UseDevelopmentStorage=true", StringComparison.OrdinalIgnoreCase)
            ? storage
            : "(connection string)";
}
