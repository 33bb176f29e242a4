using System.Buffers.Text;
using System.Text;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Projects;

/// <summary>
/// Reads the list of a user, page by page: own projects, those that are shared with the user, those that all share. Each row is compared
/// with its project, so that nothing is listed that the user may not see.
/// </summary>
internal sealed class ListingReader(ITableStore store)
{
    /// <summary>Point reads under way at once for one page: one after the other, a long page would take seconds.</summary>
    private const int ParallelMax = 16;

    /// <summary>Characters of a cursor: a section, and a row key of at most 512, in Base64.</summary>
    private const int CursorLengthMax = 1_024;

    private enum Section
    {
        Own,
        Granted,
        Shared,
    }

    /// <summary>One page. Null when <paramref name="after"/> is not what a page ended with.</summary>
    /// <param name="user">Whose list.</param>
    /// <param name="limit">Rows to look at; a page holds fewer when some of them are out of date.</param>
    /// <param name="after">What the page before ended with; null for the first one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<ProjectPage?> ReadAsync(string user, int limit, string? after, CancellationToken cancellationToken)
    {
        if (!TryReadCursor(after, out var section, out var key))
        {
            return null;
        }

        var isWhole = after is null;
        var seen = new HashSet<ProjectId>();
        var projects = new List<ProjectSummary>();
        for (var left = limit; section <= Section.Shared;)
        {
            var rows = await QueryAsync(user, section, key, left, cancellationToken);
            foreach (var together in rows.Chunk(ParallelMax))
            {
                var visible = await Task.WhenAll(together.Select(row => MaySeeAsync(row, user, isWhole, cancellationToken)));
                foreach (var (row, isVisible) in together.Zip(visible))
                {
                    if (isVisible && seen.Add(row.Project))
                    {
                        projects.Add(new ProjectSummary(row.Project, ProjectRules.Show(row.Name)));
                    }
                }
            }

            left -= rows.Count;
            if (left == 0)
            {
                return new ProjectPage(projects, WriteCursor(section, rows[^1].Place.Key));
            }

            section++;
            key = string.Empty;
        }

        return new ProjectPage(projects, After: null);
    }

    private async Task<List<ListingRow>> QueryAsync(
        string user,
        Section section,
        string after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var (partition, range) = section switch
        {
            // Project keys begin with n or s.
            Section.Shared => (ListingPlace.Shared, new RowRange("n", "t")),
            _ => (ListingPlace.PartitionOf(user), RowRange.Prefix(ListingPlace.PrefixOf(user, section == Section.Own))),
        };
        if (string.CompareOrdinal(after, range.From) > 0)
        {
            // No key continues another with this character, so it is the next one.
            range = range with { From = after + " " };
        }

        var rows = new List<ListingRow>();
        await foreach (var row in store.QueryAsync(TableName.Projects, partition, range, limit, cancellationToken))
        {
            rows.Add(ListingRow.Read(row));
        }

        return rows;
    }

    /// <summary>A row that is as old as the project's access list was made from it; another one is compared with the list itself.</summary>
    private async Task<bool> MaySeeAsync(ListingRow row, string user, bool isWhole, CancellationToken cancellationToken)
    {
        var log = new ProjectLog(store, row.Project);
        if (await log.ReadHeadAsync(cancellationToken) is not { Value: { IsDeleted: false } head })
        {
            return false;
        }

        var isCurrent = head.AccessVersion == row.Version;
        if (row.User is not null)
        {
            return isCurrent || (await log.ReadAccessAsync(cancellationToken)).List.Users.GetValueOrDefault(user) > Role.None;
        }

        if (isCurrent && isWhole)
        {
            // What is also the user's own has been seen by now.
            return true;
        }

        var access = (await log.ReadAccessAsync(cancellationToken)).List;
        return access.Everybody > Role.None && (isWhole || !access.Users.ContainsKey(user));
    }

    private static bool IsOfKeys(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '~';

    private static string WriteCursor(Section section, string key) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{(int)section}{key}"));

    private static bool TryReadCursor(string? text, out Section section, out string key)
    {
        section = Section.Own;
        key = string.Empty;
        if (text is null)
        {
            return true;
        }

        if (text.Length is 0 or > CursorLengthMax || !Base64Url.IsValid(text))
        {
            return false;
        }

        // A key that somebody made up is only another place in the reader's own list, but it must be a key.
        var cursor = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(text));
        if (cursor.Length < 2 || cursor[0] is < '0' or > '2' || !cursor.All(IsOfKeys))
        {
            return false;
        }

        section = (Section)(cursor[0] - '0');
        key = cursor[1..];
        return true;
    }
}

/// <summary>A part of the list of a user.</summary>
/// <param name="Projects">Projects that the user may open.</param>
/// <param name="After">Where the next page begins; null when this is the last one.</param>
public sealed record ProjectPage(IReadOnlyList<ProjectSummary> Projects, string? After);
