using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Engine.Leasing;
using ServerlessSync.Core.Engine.Publishing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.State;

namespace ServerlessSync.Core.Engine.Committing;

/// <summary>
/// What becomes of a project whose log cannot be applied to its end: it can be read as it was before the broken commit, and not
/// be changed. Takes no lease and never tries again; a later engine does, when this one was dropped for want of work.
/// </summary>
internal sealed class Quarantine
{
    private readonly EngineDependencies services;
    private readonly SequencerOptions options;
    private readonly ProjectLog log;
    private readonly Dataset dataset;
    private readonly GroupName group;
    private readonly long revision;
    private readonly long broken;
    private readonly byte[] frame;
    private readonly FrameBuilder frames;
    private readonly string reason;

    /// <summary>Takes over from a replica whose state ends before the broken commit.</summary>
    public Quarantine(EngineDependencies services, SequencerOptions options, ProjectReplica replica, PoisonedLogException poison)
    {
        this.services = services;
        this.options = options;
        log = replica.Log;
        dataset = replica.State.Dataset;
        group = replica.Group;
        revision = replica.State.Revision;
        broken = poison.Revision;
        frames = new FrameBuilder(services.Dialect, replica.Project);
        frame = frames.Dataset(revision, dataset.ToClientJson);
        reason = $"The project is read-only until it is repaired: revision {poison.Revision} of its log cannot be read.";
        ApproximateBytes = dataset.ApproximateBytes + frame.Length;
    }

    public long ApproximateBytes { get; }

    /// <summary>Whether the log begins behind the broken commit now: the project was restored from an archive.</summary>
    public async Task<bool> IsMendedAsync(CancellationToken cancellationToken) =>
        await log.ReadHeadAsync(cancellationToken) is { } head && head.Value.LogStart > broken;

    public async Task ServeAsync(IReadOnlyList<ProjectRequest> items)
    {
        var access = await log.ReadAccessAsync(CancellationToken.None);
        foreach (var together in items.Chunk(options.JoinsInParallel))
        {
            await Task.WhenAll(together.Select(item => AnswerAsync(item, access.List.RoleOf(item.Origin.User))));
        }
    }

    private async Task AnswerAsync(ProjectRequest item, Role role)
    {
        ProjectOutcome outcome;
        try
        {
            outcome = await ServeAsync(item, role);
        }
        catch (GatewayException)
        {
            outcome = new ProjectOutcome.Unavailable("The answer could not be sent now.");
        }

        item.Answer(outcome);
    }

    private async Task<ProjectOutcome> ServeAsync(ProjectRequest item, Role role)
    {
        switch (item)
        {
            case LeaveItem:
                await services.Gateway.RemoveFromGroupAsync(group, item.Origin.Connection, CancellationToken.None);
                return new ProjectOutcome.Done(revision);
            case PublishItem or AccessItem:
                return new ProjectOutcome.Unavailable(reason);
            case ResetItem or RestoreItem when role >= Role.Editor:
                return new ProjectOutcome.ReadOnly(reason);
            case ResetItem or ChangeItem when role == Role.Viewer:
                return new ProjectOutcome.Refused(Refusals.NotAllowed);
            case ChangeItem change when role >= Role.Editor:
                var sent = await SendDatasetAsync(change.Origin.Connection, reason);
                return sent is ProjectOutcome.Done done ? new ProjectOutcome.Resynced(done.Revision) : sent;
            case LookUpItem lookUp when role >= Role.Viewer:
                return dataset.TryFindVersion(lookUp.Version, out var key)
                    ? new ProjectOutcome.Found(key)
                    : new ProjectOutcome.NotFound();
            case JoinItem join when role >= Role.Viewer:
                return await SendDatasetAsync(join.Origin.Connection, join.Error);
            default:
                return new ProjectOutcome.Denied();
        }
    }

    /// <summary>
    /// In the group for this one send only: an instance that can read the log may be publishing to it, and what it sends does not follow
    /// this dataset.
    /// </summary>
    private async Task<ProjectOutcome> SendDatasetAsync(ConnectionId connection, string? error)
    {
        if (frame.Length > GatewayLimits.MessageBytesMax)
        {
            return new ProjectOutcome.TooLarge(frame.Length);
        }

        if (!await services.Gateway.AddToGroupAsync(group, connection, CancellationToken.None))
        {
            return new ProjectOutcome.Gone();
        }

        if (error is not null)
        {
            await SendAsync(connection, frames.Refusal(error));
            await Task.Delay(options.QuietTime, services.Time);
        }

        await SendAsync(connection, frame);
        await services.Gateway.RemoveFromGroupAsync(group, connection, CancellationToken.None);
        return new ProjectOutcome.Done(revision);
    }

    private Task SendAsync(ConnectionId connection, byte[] message) =>
        services.Gateway.SendToGroupAsync(group, message, new Audience.Only(connection), CancellationToken.None);
}
