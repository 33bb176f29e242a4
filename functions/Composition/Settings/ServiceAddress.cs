namespace ServerlessSync.Composition.Settings;

/// <summary>The address of a service: an endpoint that the app's identity can use, or a connection string with a key.</summary>
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
