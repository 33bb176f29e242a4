using ServerlessSync.Core.Engine.Leasing;

namespace ServerlessSync.Core.Engine;

/// <summary>Requests that are answered once a revision is published, or an access list is enforced, by this engine or another one.</summary>
internal sealed class PendingAnswers(ProjectReplica replica, HeadWriter head, TimeProvider time)
{
    private readonly List<(ProjectRequest Item, long Revision)> published = [];
    private readonly List<(ProjectRequest Item, long Version)> enforced = [];

    public bool IsEmpty => published.Count == 0 && enforced.Count == 0;

    /// <summary>Whether a change of the access list waits, which only the holder of the lease can enforce.</summary>
    public bool HasAccessChange => enforced.Count > 0;

    /// <summary>How long ago the oldest request that waits for a publication came in.</summary>
    public TimeSpan OldestAge => published.Count > 0 ? time.GetElapsedTime(published[0].Item.Received) : TimeSpan.Zero;

    public void AddPublished(ProjectRequest item, long revision) => published.Add((item, revision));

    public void AddEnforced(AccessItem item, long version) => enforced.Add((item, version));

    /// <summary>Answers what is published and enforced by now.</summary>
    public void AnswerDone()
    {
        published.RemoveAll(waiting =>
        {
            var isPublished = waiting.Revision <= head.Sent;

            // A request for publication also waits until users without a right are out of the group.
            var isDone = isPublished && !(waiting.Item is PublishItem && head.MustEvict);
            if (isDone)
            {
                waiting.Item.Answer(new ProjectOutcome.Done(waiting.Revision) { Reset = PublishedReset() });
            }

            return isDone;
        });
        enforced.RemoveAll(waiting =>
        {
            var isEnforced = waiting.Version <= head.EnforcedAccessVersion;
            if (isEnforced)
            {
                waiting.Item.Answer(new ProjectOutcome.Done(replica.Head.Revision));
            }

            return isEnforced;
        });
    }

    /// <summary>Answers everything that waits for a publication.</summary>
    public void FailPublished(ProjectOutcome outcome)
    {
        Fail(published.Select(static waiting => waiting.Item), outcome);
        published.Clear();
    }

    /// <summary>Answers everything.</summary>
    public void FailAll(ProjectOutcome outcome)
    {
        FailPublished(outcome);
        Fail(enforced.Select(static waiting => waiting.Item), outcome);
        enforced.Clear();
    }

    public static void Fail(IEnumerable<ProjectRequest> items, ProjectOutcome outcome)
    {
        foreach (var item in items)
        {
            item.Answer(outcome);
        }
    }

    private (long Revision, DateTimeOffset Time) PublishedReset() =>
        replica.State.ResetRevision <= head.Sent ? (replica.State.ResetRevision, head.ResetTime) : default;
}
