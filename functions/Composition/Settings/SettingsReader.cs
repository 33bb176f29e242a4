using Microsoft.Extensions.Configuration;

namespace ServerlessSync.Composition.Settings;

/// <summary>
/// Reads <see cref="SyncSettings"/>. Reports unknown names, invalid values and invalid combinations all together, so that a
/// single start shows every problem.
/// </summary>
public static class SettingsReader
{
    /// <summary>The section; environment variables are named <c>Sync__Name</c>.</summary>
    public const string Section = "Sync";

    private const string Prefix = Section + SettingsSchema.Separator;

    /// <summary>Reads and checks the settings.</summary>
    public static SettingsResult Read(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var section = configuration.GetSection(Section);
        var problems = SettingsSchema.Problems(section, typeof(SyncSettings), Prefix).ToList();
        if (problems.Count > 0)
        {
            return new SettingsResult.Invalid(problems);
        }

        var settings = Bind(section, configuration);
        problems.AddRange(settings.Problems(Prefix));
        return problems.Count > 0 ? new SettingsResult.Invalid(problems) : new SettingsResult.Valid(settings);
    }

    /// <summary>The environment variables of all settings; the elements of a list are <c>…__0</c>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. SettingsSchema.Names(typeof(SyncSettings), Prefix)];

    private static SyncSettings Bind(IConfigurationSection section, IConfiguration root)
    {
        // Deployment tools write unset values as empty strings.
        var values = section.AsEnumerable().Where(static pair => !string.IsNullOrWhiteSpace(pair.Value));
        var settings =
            new ConfigurationBuilder().AddInMemoryCollection(values).Build().GetSection(Section).Get<SyncSettings>() ?? new SyncSettings();
        return settings with
        {
            Telemetry = settings.Telemetry with
            {
                ApplicationInsights = Text(root["APPLICATIONINSIGHTS_CONNECTION_STRING"]),
                HasOtlpEndpoint = Text(root["OTEL_EXPORTER_OTLP_ENDPOINT"]) is not null,
            },
        };
    }

    private static string? Text(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;
}
