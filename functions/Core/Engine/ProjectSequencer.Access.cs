using System.Text;
using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Engine;

/// <content>Changes of the access list. They bump the head, so that whoever decides by an older list loses its commit.</content>
internal sealed partial class ProjectSequencer
{
    private readonly List<(ProjectRequest Item, long Version)> evicting = [];

    private async Task ChangeAccessAsync(AccessItem item)
    {
        for (var attempt = 1; ; attempt++)
        {
            var head = replica.Head;
            var isSettled = !replica.MustEvict;
            var row = replica.AccessRow.With(item.User, item.Role, isSettled);
            if (RefusalOf(replica.AccessRow.List, row.List) is { } reason)
            {
                item.Complete(new ProjectOutcome.Refused(reason));
                return;
            }

            var version = head.AccessVersion + 1;
            var losesNobody = isSettled && row is { Evicted: [], EvictsAll: false };
            var next = head with
            {
                AccessVersion = version,
                AccessEnforcedVersion = losesNobody ? version : head.AccessEnforcedVersion,
            };
            if (await replica.WriteAsync(next, commit: null, drained: [], CancellationToken.None, row) == HeadWrite.Written)
            {
                evicting.Add((item, version));
                return;
            }

            if (attempt == options.CommitAttemptsMax)
            {
                throw new StorageException(
                    $"A change of the access list of project {replica.Project} lost {attempt} races.",
                    outcomeUnknown: false
                );
            }

            // With its answer lost it may stand already: the same once more changes nothing but the version.
            await replica.RefreshAsync(commitId: null, CancellationToken.None);
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

    /// <summary>Whoever was to leave is out, taken there by us or by another holder of the lease.</summary>
    private void AnswerEvicted()
    {
        evicting.RemoveAll(waiting =>
        {
            var isOut = waiting.Version <= replica.EvictedUpTo;
            if (isOut)
            {
                waiting.Item.Complete(new ProjectOutcome.Done(replica.Head.Revision));
            }

            return isOut;
        });
    }
}
