using ServerlessSync.Core.Engine.Leasing;

namespace ServerlessSync.Core.Engine;

/// <summary>
/// Answers where the content of a version is stored. The user had a right to see it when the question came in
/// (<see cref="AdmissionCheck"/>).
/// </summary>
internal sealed class VersionLookUp(ProjectReplica replica)
{
    public async Task AnswerAsync(IReadOnlyList<LookUpItem> items, CancellationToken cancellationToken)
    {
        var unknown = items.Where(item => !TryAnswer(item, isSure: false)).ToList();
        if (unknown.Count > 0)
        {
            // Another engine may have sent the client the version a moment ago.
            await replica.RefreshAsync(commitId: null, cancellationToken);
            unknown.ForEach(item => TryAnswer(item, isSure: true));
        }
    }

    /// <summary>Answers when the version has a content here, or when the state is as new as the head.</summary>
    private bool TryAnswer(LookUpItem item, bool isSure)
    {
        var exists = replica.State.Dataset.TryFindVersion(item.Version, out var key);
        if (key is null && !isSure)
        {
            return false;
        }

        item.Answer(exists ? new ProjectOutcome.Found(key) : new ProjectOutcome.NotFound());
        return true;
    }
}
