using System.Text;
using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Engine;

/// <summary>
/// Writes changes of the access list. Each of them is a head write, so that an engine that decides by an older list loses its commit.
/// </summary>
internal sealed class AccessChanges(ProjectReplica replica, HeadWriter head, PendingAnswers answers)
{
    /// <summary>Stores the change. It is answered when the members of the group satisfy it.</summary>
    /// <exception cref="Storage.StorageException">It was not stored, or the outcome is unknown.</exception>
    public async Task WriteAsync(AccessItem item, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var isEnforced = !head.MustEvict;
            var row = replica.AccessRow.With(item.User, item.Role, isEnforced);
            if (RefusalOf(replica.AccessRow.List, row.List) is { } reason)
            {
                item.Answer(new ProjectOutcome.Refused(reason));
                return;
            }

            var version = replica.Head.AccessVersion + 1;
            var evictsNone = isEnforced && row is { Evicted: [], EvictsAll: false };
            var patch = head.Progress() with { AccessVersion = version };
            patch = evictsNone ? patch with { AccessEnforcedVersion = version } : patch;
            if (await head.WriteAsync(patch, cancellationToken, access: row) == HeadWrite.Written)
            {
                answers.AddEnforced(item, version);
                return;
            }

            head.ThrowAfter(attempt);

            // With its answer lost it may be stored already: writing it once more changes nothing but the version.
            await replica.RefreshAsync(commitId: null, cancellationToken);
        }
    }

    private static string? RefusalOf(AccessList before, AccessList after)
    {
        if (after.Users.Count > AccessList.UsersMax)
        {
            return $"users: at most {AccessList.UsersMax} per project";
        }

        if (Encoding.UTF8.GetByteCount(after.ToJson()) > AccessList.StoredBytesMax)
        {
            return $"users: at most {AccessList.StoredBytesMax} bytes per project";
        }

        return before.HasOwner && !after.HasOwner ? "role: a project keeps at least one owner" : null;
    }
}
