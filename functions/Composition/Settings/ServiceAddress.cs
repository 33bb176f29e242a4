namespace ServerlessSync.Composition.Settings;

/// <summary>How a service is reached: with the identity of this app at an endpoint, or with the key in a connection string.</summary>
internal static class ServiceAddress
{
    public static IEnumerable<string> Problems(string path, Uri? endpoint, string? connectionString)
    {
        if (endpoint is null == connectionString is null)
        {
            var found = endpoint is null ? "neither is set" : "both are set";
            yield return $"Set either {path}Endpoint or {path}ConnectionString; {found}.";
        }

        if (endpoint is { IsAbsoluteUri: false })
        {
            yield return $"{path}Endpoint is '{endpoint}': needs an absolute URL.";
        }
    }
}
