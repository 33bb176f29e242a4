namespace ServerlessSync.Composition.Settings;

/// <summary>The outcome of reading the settings.</summary>
public abstract record SettingsResult
{
    private SettingsResult() { }

    /// <summary>The settings are valid.</summary>
    public sealed record Valid(SyncSettings Settings) : SettingsResult;

    /// <summary>The process must not start. Each problem is one sentence that names the setting and never shows a secret.</summary>
    public sealed record Invalid(IReadOnlyList<string> Problems) : SettingsResult
    {
        /// <summary>The problems as text, one a line.</summary>
        public override string ToString() =>
            $"Serverless Sync cannot start with these settings:{Environment.NewLine}"
            + string.Join(Environment.NewLine, Problems.Select(static problem => "  " + problem));
    }
}
