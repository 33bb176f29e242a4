using ServerlessSync.Core.Access;

namespace ServerlessSync.Core.Sequencing;

/// <content>Questions about the folded state.</content>
internal sealed partial class ProjectSequencer
{
    private async Task AnswerAsync(LookUpItem item)
    {
        // Another engine may have told the client of the version, or its user of the right, a moment ago.
        if (!IsKnown(item))
        {
            await replica.RefreshAsync(commitId: null, CancellationToken.None);
        }

        item.Complete(
            replica.Access.RoleOf(item.Origin.User) < Role.Viewer ? new WorkOutcome.Denied()
            : replica.State.Dataset.TryFindVersion(item.Version, out var key) ? new WorkOutcome.Found(key)
            : new WorkOutcome.NotFound()
        );
    }

    private bool IsKnown(LookUpItem item) =>
        replica.Access.RoleOf(item.Origin.User) >= Role.Viewer
        && replica.State.Dataset.TryFindVersion(item.Version, out var key)
        && key is not null;
}
