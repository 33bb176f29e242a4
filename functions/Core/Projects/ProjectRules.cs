using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Projects;

/// <summary>
/// Rules for names and ids of new projects. Older projects keep theirs, even if they break the rules.
/// </summary>
public static class ProjectRules
{
    /// <summary>Characters of a project's name.</summary>
    public const int NameLengthMax = 200;

    /// <summary>What is wrong with a name; null when it is valid.</summary>
    public static string? RefuseName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (string.IsNullOrWhiteSpace(name) || name.Length > NameLengthMax)
        {
            return $"name: 1 to {NameLengthMax} characters.";
        }

        return PlainText.IsPlain(name) ? null : "name: no control characters and none that change the direction of text.";
    }

    /// <summary>What is wrong with a chosen id; null when it is valid.</summary>
    public static string? RefuseId(JsonId id)
    {
        if (id.IsNumber)
        {
            return null;
        }

        if (!PlainText.IsPlain(id.Text))
        {
            return "id: no control characters and none that change the direction of text.";
        }

        // The id is part of addresses. Hosts decode "%2F" differently, and resolve "." and ".." as path segments.
        return id.Text is "." or ".." || id.Text.Contains('/') || id.Text.Contains("%2f", StringComparison.OrdinalIgnoreCase)
            ? "id: no slash, no \"%2F\", not \".\" or \"..\": addresses cannot carry them."
            : null;
    }

    /// <summary>
    /// A name as listings show it: one of an older release may contain characters that are refused now.
    /// </summary>
    internal static string Show(string name) => PlainText.IsPlain(name) ? name : PlainText.Clean(name);
}
