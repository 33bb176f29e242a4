using System.Globalization;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Archives;

/// <summary>
/// The name of an archive in a container: <c>{project}/{time}-{random}.syncarch</c>. The project's key is unique and has no slash
/// (<see cref="JsonId.ToKey"/>), so a listing of one project never shows archives of another. The random part distinguishes archives of the same second.
/// </summary>
public static class ArchiveName
{
    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";
    private const string Suffix = ".syncarch";

    /// <summary>The prefix of all names of a project, and of no other project's.</summary>
    public static string PrefixOf(ProjectId project) => $"{project.Key}/";

    /// <summary>A new, unique name.</summary>
    /// <param name="project">The archived project.</param>
    /// <param name="time">When the archive was begun. Names sort by it.</param>
    /// <param name="random">An id of <see cref="IIdSource.NewId"/>.</param>
    public static string Of(ProjectId project, DateTimeOffset time, string random) =>
        $"{PrefixOf(project)}{time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}-{random}{Suffix}";

    /// <summary>The time in a name; null for a name that <see cref="Of"/> did not write.</summary>
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
