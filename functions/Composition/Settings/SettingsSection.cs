namespace ServerlessSync.Composition.Settings;

/// <summary>A group of settings that knows what makes it unusable.</summary>
public abstract record SettingsSection
{
    /// <summary>What is wrong, one sentence each that begins with the name of the setting; empty when the section can be used.</summary>
    /// <param name="path">The environment variable prefix of this section, such as <c>Sync__Tables__</c>.</param>
    internal abstract IEnumerable<string> Problems(string path);

    /// <summary>The problem that a parser reports, or none. The parsers here never repeat a secret in their message.</summary>
    private protected static IEnumerable<string> ProblemOf(string name, Action parse)
    {
        try
        {
            parse();
            return [];
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or InvalidOperationException)
        {
            // What follows names a parameter of our code, which is no help to an owner.
            return [$"{name}: {exception.Message.Split(" (Parameter ")[0]}"];
        }
    }
}
