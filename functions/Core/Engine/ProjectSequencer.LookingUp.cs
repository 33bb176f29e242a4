namespace ServerlessSync.Core.Engine;

/// <content>Questions about the folded state. Who asks had a right to see it when the question came in (<see cref="AdmissionCheck"/>).</content>
internal sealed partial class ProjectSequencer
{
    private async Task AnswerAsync(List<LookUpItem> lookUps)
    {
        var unknown = lookUps.Where(item => !TryAnswer(item, isSure: false)).ToList();
        if (unknown.Count > 0)
        {
            // Another engine may have told the client of the version a moment ago.
            await replica.RefreshAsync(commitId: null, CancellationToken.None);
            unknown.ForEach(item => TryAnswer(item, isSure: true));
        }
    }

    /// <summary>Answers when the version has a content here, or when what is here is all that there is.</summary>
    private bool TryAnswer(LookUpItem item, bool isSure)
    {
        var exists = replica.State.Dataset.TryFindVersion(item.Version, out var key);
        if (key is null && !isSure)
        {
            return false;
        }

        item.Complete(exists ? new ProjectOutcome.Found(key) : new ProjectOutcome.NotFound());
        return true;
    }
}
