namespace ServerlessSync.Composition.Settings;

/// <summary>The storage account that holds the tables: an endpoint or a connection string.</summary>
public sealed record TableSettings : SettingsSection
{
    /// <summary><c>https://{account}.table.core.windows.net</c>, reached with the identity of the app.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>A storage connection string, such as <c>UseDevelopmentStorage=true</c> for Azurite.</summary>
    public string? ConnectionString { get; init; }

    internal override IEnumerable<string> Problems(string path) => ServiceAddress.Problems(path, Endpoint, ConnectionString);
}
