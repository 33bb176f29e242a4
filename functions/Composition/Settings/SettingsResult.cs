namespace ServerlessSync.Composition.Settings;

/// <summary>What reading the settings gave.</summary>
public abstract record SettingsResult
{
    private SettingsResult() { }

    /// <summary>The settings can be used.</summary>
    public sealed record Valid(SyncSettings Settings) : SettingsResult;

    /// <summary>The process must not start, for these reasons: one sentence each that names the setting and never a secret.</summary>
    public sealed record Invalid(IReadOnlyList<string> Problems) : SettingsResult
    {
        /// <summary>The reasons as text, one a line.</summary>
        public override string ToString() =>
            $"Serverless Sync cannot start with these settings:{Environment.NewLine}"
            + string.Join(Environment.NewLine, Problems.Select(static problem => "  " + problem));
    }
}
