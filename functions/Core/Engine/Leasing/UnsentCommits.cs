using ServerlessSync.Core.Log;

namespace ServerlessSync.Core.Engine.Leasing;

/// <summary>The newest commits, kept until they are sent, so that the holder of the lease need not read them again.</summary>
internal sealed class UnsentCommits(ProjectLog log)
{
    private readonly List<Commit> commits = [];

    /// <summary>A rough count of the memory they take.</summary>
    public long ApproximateBytes => commits.Sum(static commit => commit.Entries.Sum(static entry => (long)entry.Changes.Length));

    public void Add(Commit commit) => commits.Add(commit);

    public void Clear() => commits.Clear();

    /// <summary>Lets go of everything up to a revision that was sent.</summary>
    public void DropThrough(long sent) => commits.RemoveAll(commit => commit.Last <= sent);

    /// <summary>The commits with revisions in (<paramref name="sent"/>, <paramref name="upTo"/>].</summary>
    public async Task<IReadOnlyList<Commit>> ReadAsync(long sent, long upTo, CancellationToken cancellationToken)
    {
        DropThrough(sent);
        if (commits.Count == 0 || commits[0].First != sent + 1)
        {
            commits.Clear();
            await foreach (var commit in log.ReadCommitsAsync(sent, upTo, cancellationToken))
            {
                commits.Add(commit);
            }
        }

        return [.. commits];
    }
}
