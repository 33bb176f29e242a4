using System.Globalization;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Archives;

/// <summary>
/// The name of an archive in a container: <c>{project}/{time}-{random}.syncarch</c>. The project's key has no slash and is no other project's
/// (<see cref="JsonId.ToKey"/>), so that no name of one project is listed with another's; the random part keeps two archives of one second apart.
/// </summary>
public static class ArchiveName
{
    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";
    private const string Suffix = ".syncarch";

    /// <summary>What all names of a project begin with, and those of no other.</summary>
    public static string PrefixOf(ProjectId project) => $"{project.Key}/";

    /// <summary>A name that was never given before.</summary>
    /// <param name="project">Whose archive it is.</param>
    /// <param name="time">When its state was read; by this they are sorted.</param>
    /// <param name="random">A name of <see cref="IIdSource.NewId"/>.</param>
    public static string Of(ProjectId project, DateTimeOffset time, string random) =>
        $"{PrefixOf(project)}{time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}-{random}{Suffix}";

    /// <summary>When the archive of a name was made; null when the name is none of ours.</summary>
    public static DateTimeOffset? TimeOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var rest = name.AsSpan(name.LastIndexOf('/') + 1);
        var dash = rest.IndexOf('-');
        return
            dash > 0
            && rest.EndsWith(Suffix, StringComparison.Ordinal)
            && DateTimeOffset.TryParseExact(rest[..dash], TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;
    }
}
