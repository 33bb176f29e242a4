using System.Reflection;

namespace ServerlessSync.Composition;

/// <summary>The version of this build.</summary>
public static class ProductVersion
{
    private static readonly string[] Parts = (
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0"
    ).Split('+', 2);

    /// <summary>The version, such as <c>0.1.0</c>.</summary>
    public static string Version => Parts[0];

    /// <summary>The commit of the build; <c>unknown</c> for a build outside of a clone.</summary>
    public static string Commit => Parts.Length > 1 ? Parts[1] : "unknown";
}
