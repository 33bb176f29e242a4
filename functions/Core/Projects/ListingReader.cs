using System.Buffers.Text;
using System.Text;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Projects;

/// <summary>
/// Reads a user's list page by page: owned projects, projects shared with the user, projects shared with every user.
/// Each row is checked against its project, so that a page never shows a project that the user may not see.
/// </summary>
internal sealed class ListingReader(ITableStore store)
{
    /// <summary>Concurrent point reads for one page: sequentially, a long page would take seconds.</summary>
    private const int ParallelMax = 16;

    /// <summary>Characters of a cursor: a section and a row key of at most 512 characters, in Base64.</summary>
    private const int CursorLengthMax = 1_024;

    private enum Section
    {
        Own,
        Granted,
        Shared,
    }

    /// <summary>Reads one page. Null when <paramref name="after"/> is not a valid cursor.</summary>
    /// <param name="user">The user.</param>
    /// <param name="limit">Rows to read; a page holds fewer projects when some rows are outdated.</param>
    /// <param name="after">The cursor of the previous page; null for the first page.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
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
            foreach (var batch in rows.Chunk(ParallelMax))
            {
                var visible = await Task.WhenAll(batch.Select(row => MaySeeAsync(row, user, isWhole, cancellationToken)));
                foreach (var (row, isVisible) in batch.Zip(visible))
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
            // No key contains a space, so this bound is directly after the key.
            range = range with { From = after + " " };
        }

        var rows = new List<ListingRow>();
        await foreach (var row in store.QueryAsync(TableName.Projects, partition, range, limit, cancellationToken))
        {
            rows.Add(ListingRow.Read(row));
        }

        return rows;
    }

    /// <summary>
    /// A row of the access list's current version is right. Another row is checked against the list itself.
    /// </summary>
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
            // The user's own projects have been listed by now.
            return true;
        }

        var access = (await log.ReadAccessAsync(cancellationToken)).List;
        return access.Everyone > Role.None && (isWhole || !access.Users.ContainsKey(user));
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

        // A forged key can only point into the reader's own list, but it must be a valid key.
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

/// <summary>A page of a user's list.</summary>
/// <param name="Projects">Projects that the user may open.</param>
/// <param name="After">The cursor for the next page; null when this is the last one.</param>
public sealed record ProjectPage(IReadOnlyList<ProjectSummary> Projects, string? After);
