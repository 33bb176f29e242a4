using ServerlessSync.Core.Identity;
using ServerlessSync.Core.Log;

namespace ServerlessSync.Core.Sequencing;

/// <summary>Where the author of a submission stands when it is decided.</summary>
internal enum Standing
{
    /// <summary>As far as is known it waits for what becomes of its submission.</summary>
    Here,

    /// <summary>Its connection is no more: it may have reconnected and loaded since, and would get its own old change on top of that.</summary>
    Gone,

    /// <summary>
    /// An earlier delivery of the same event was refused, wholly or from some revision on, and its heal broke off half-way: what is
    /// left is to heal it.
    /// </summary>
    Astray,
}

/// <summary>Finds out about the authors of late submissions, with the service and the log.</summary>
internal sealed class Standings(SyncServices services, SequencerOptions options, ProjectReplica replica)
{
    private readonly HashSet<ConnectionId> verified = [];

    /// <summary>Forgets who was found; for a new batch.</summary>
    public void Clear() => verified.Clear();

    /// <summary>Where the authors stand; who is not in it is here.</summary>
    /// <exception cref="Gateway.GatewayException">The service does not say, so nothing may be applied.</exception>
    public async Task<Dictionary<SubmitItem, Standing>> FindAsync(
        IReadOnlyList<SubmitItem> items,
        int attempt,
        CancellationToken cancellationToken
    )
    {
        var members = items.Any(MayBeRedelivered) ? await ListAsync(cancellationToken) : null;
        await VerifyAsync([.. items.Where(item => IsLate(item, attempt))], members, cancellationToken);
        var standings = new Dictionary<SubmitItem, Standing>();
        foreach (var item in items)
        {
            if (IsLate(item, attempt) && !verified.Contains(item.Origin.Connection))
            {
                standings[item] = Standing.Gone;
            }
            else if (MayBeRedelivered(item) && await IsAstrayAsync(item, members!, cancellationToken))
            {
                standings[item] = Standing.Astray;
            }
        }

        return standings;
    }

    private async Task<bool> IsAstrayAsync(
        SubmitItem item,
        HashSet<ConnectionId> members,
        CancellationToken cancellationToken
    )
    {
        // A heal begins with taking its connection out of the group.
        if (!members.Contains(item.Origin.Connection))
        {
            return true;
        }

        if (
            item is not ChangeItem { Session: null, Revisions.Count: > 1 } change
            || replica.State.Repeats.FindEvent(item.Origin) is not { } last
        )
        {
            return false;
        }

        var accepted = 0;
        var first = Math.Max(1, last - options.CommitEntriesMax - change.Revisions.Count);
        await foreach (var entry in replica.Log.ReadEntriesAsync(first, last, cancellationToken))
        {
            accepted += entry.Origin == item.Origin ? 1 : 0;
        }

        return accepted < change.Revisions.Count;
    }

    private async Task VerifyAsync(
        List<SubmitItem> late,
        HashSet<ConnectionId>? members,
        CancellationToken cancellationToken
    )
    {
        if (members is not null)
        {
            verified.UnionWith(members);
        }

        var doubtful = late
            .Select(static item => item.Origin.Connection)
            .Where(connection => !verified.Contains(connection))
            .Distinct()
            .ToList();
        foreach (var together in doubtful.Chunk(options.JoinsInParallel))
        {
            var exist = await Task.WhenAll(
                together.Select(connection => services.Gateway.ConnectionExistsAsync(connection, cancellationToken))
            );
            verified.UnionWith(together.Zip(exist).Where(static pair => pair.Second).Select(static pair => pair.First));
        }
    }

    /// <summary>Everybody who is subscribed, also those whom a take-over has not moved yet.</summary>
    private async Task<HashSet<ConnectionId>> ListAsync(CancellationToken cancellationToken)
    {
        var members = new HashSet<ConnectionId>();
        for (var generation = replica.Head.OldestGeneration; generation <= replica.Head.Generation; generation++)
        {
            var group = GroupName.OfProject(replica.Project, generation);
            await foreach (var member in services.Gateway.ListGroupAsync(group, cancellationToken))
            {
                members.Add(member);
            }
        }

        return members;
    }

    private bool MayBeRedelivered(SubmitItem item) =>
        item is ChangeItem && services.Time.GetUtcNow() - item.EventTime > options.RedeliveryAfter;

    private bool IsLate(SubmitItem item, int attempt) =>
        attempt > 1
        || services.Time.GetElapsedTime(item.Received) > options.LateAfter
        || services.Time.GetUtcNow() - item.EventTime > options.LateAfter;
}
