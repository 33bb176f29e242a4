using System.Text.RegularExpressions;
using ServerlessSync.Core.Archives;

namespace ServerlessSync.Composition.Settings;

/// <summary>The container for scheduled archives, and how often and how long. Nothing is archived unless an endpoint or a connection string is set.</summary>
public sealed partial record ArchiveSettings : SettingsSection
{
    private static readonly ArchiveScheduleOptions Defaults = new();

    /// <summary><c>https://{account}.blob.core.windows.net</c>, reached with the identity of the app.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>A storage connection string, such as <c>UseDevelopmentStorage=true</c> for Azurite.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>The container; one for each deployment. <c>archives</c> unless set.</summary>
    public string? Container { get; init; }

    /// <summary>Hours from one round through all projects to the next: 1 to 744. 24 unless set.</summary>
    public int? IntervalHours { get; init; }

    /// <summary>Days for which archives are kept: 1 to 36,500. 30 unless set.</summary>
    public int? KeepDays { get; init; }

    /// <summary>The newest archives of a project that stay, whatever their age: 1 to 1,000. 3 unless set.</summary>
    public int? KeepCount { get; init; }

    /// <summary>Whether projects are archived.</summary>
    internal bool IsOn => Endpoint is not null || ConnectionString is not null;

    internal string ContainerName => Container ?? "archives";

    internal ArchiveScheduleOptions Schedule =>
        new()
        {
            Interval = IntervalHours is { } hours ? TimeSpan.FromHours(hours) : Defaults.Interval,
            KeepFor = KeepDays is { } days ? TimeSpan.FromDays(days) : Defaults.KeepFor,
            KeepCount = KeepCount ?? Defaults.KeepCount,
        };

    internal override IEnumerable<string> Problems(string path)
    {
        string?[] problems =
        [
            Endpoint is not null && ConnectionString is not null ? $"Set either {path}Endpoint or {path}ConnectionString; both are set." : null,
            // A path or a query would be a container, or a key in disguise.
            Endpoint is { PathAndQuery: not "/" } ? $"{path}{nameof(Endpoint)} has a path or a query: needs the address of the account alone." : null,
            .. OnItsOwn(path),
            ContainerPattern().IsMatch(ContainerName)
                ? null
                : $"{path}{nameof(Container)} is '{Container}': needs 3 to 63 lower-case letters, digits and single hyphens between them.",
            Range(path, nameof(IntervalHours), IntervalHours, ArchiveScheduleOptions.IntervalHoursMax),
            Range(path, nameof(KeepDays), KeepDays, ArchiveScheduleOptions.KeepDaysMax),
            Range(path, nameof(KeepCount), KeepCount, ArchiveScheduleOptions.KeepCountMax),
        ];
        return problems.OfType<string>();
    }

    /// <summary>What would be of no effect. An owner who sets a retention believes that there are archives.</summary>
    private IEnumerable<string> OnItsOwn(string path)
    {
        (string Name, bool IsSet)[] others =
        [
            (nameof(Container), Container is not null),
            (nameof(IntervalHours), IntervalHours is not null),
            (nameof(KeepDays), KeepDays is not null),
            (nameof(KeepCount), KeepCount is not null),
        ];
        return IsOn
            ? []
            : others
                .Where(static other => other.IsSet)
                .Select(other => $"{path}{other.Name} is set, but nothing is archived: set {path}Endpoint or {path}ConnectionString, too.");
    }

    private static string? Range(string path, string name, int? value, int maximum) =>
        value is { } number && (number < 1 || number > maximum) ? $"{path}{name} is {number}: needs 1 to {maximum}." : null;

    /// <summary>Azure's rule.</summary>
    [GeneratedRegex("^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*\\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex ContainerPattern();
}
