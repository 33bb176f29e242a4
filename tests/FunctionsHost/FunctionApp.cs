using System.Reflection;

namespace ServerlessSync.FunctionsHost;

/// <summary>The Function App that was built with this host.</summary>
public static class FunctionApp
{
    private const string Metadata = "FunctionApp";

    /// <summary>The folder of its output; the build has written it into this assembly.</summary>
    public static string Folder { get; } =
        Path.GetDirectoryName(
            typeof(FunctionApp)
                .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
                .Single(static attribute => string.Equals(attribute.Key, Metadata, StringComparison.Ordinal))
                .Value
        ) ?? throw new InvalidOperationException($"The build has not named the Function App (assembly metadata {Metadata}).");
}
