using System.Reflection;

namespace ServerlessSync.FunctionsHost;

/// <summary>The Function App that was built with this host.</summary>
public static class FunctionApp
{
    private const string Metadata = "FunctionApp";

    /// <summary>The folder of its output, which the build stored in this assembly.</summary>
    public static string Folder { get; } =
        Path.GetDirectoryName(
            typeof(FunctionApp)
                .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
                .Single(static attribute => string.Equals(attribute.Key, Metadata, StringComparison.Ordinal))
                .Value
        ) ?? throw new InvalidOperationException($"The build did not name the Function App (assembly metadata {Metadata}).");
}
