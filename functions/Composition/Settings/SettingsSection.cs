namespace ServerlessSync.Composition.Settings;

/// <summary>A group of settings that validates itself.</summary>
public abstract record SettingsSection
{
    /// <summary>
    /// The problems, one sentence each that begins with the name of the setting; empty when the section is valid.
    /// </summary>
    /// <param name="path">The prefix of this section in environment variables, such as <c>Sync__Tables__</c>.</param>
    internal abstract IEnumerable<string> Problems(string path);

    /// <summary>The problem that a parser reports, or none. The parsers used here never repeat a secret in their message.</summary>
    private protected static IEnumerable<string> ProblemOf(string name, Action parse)
    {
        try
        {
            parse();
            return [];
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or InvalidOperationException)
        {
            // The suffix names a parameter of our code, which does not help an operator.
            return [$"{name}: {exception.Message.Split(" (Parameter ")[0]}"];
        }
    }
}
