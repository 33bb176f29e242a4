using ServerlessSync.Core.Access;
using ServerlessSync.Core.Data;
using ServerlessSync.Core.Gateway;
using ServerlessSync.Core.Identity;
using ServerlessSync.Core.Log;

namespace ServerlessSync.Core.Sequencing;

/// <summary>
/// What becomes of a project whose log cannot be applied to its end: everybody may read it as it was before the broken commit, and nobody
/// may change it. Takes no lease and never tries again; a later engine does, when this one was dropped for want of work.
/// </summary>
internal sealed class Quarantine
{
    private readonly SyncServices services;
    private readonly SequencerOptions options;
    private readonly ProjectLog log;
    private readonly Dataset dataset;
    private readonly GroupName group;
    private readonly long revision;
    private readonly long broken;
    private readonly byte[] frame;
    private readonly FrameBuilder frames;
    private readonly string reason;

    /// <summary>Takes over from a replica whose state stands before the broken commit.</summary>
    public Quarantine(SyncServices services, SequencerOptions options, ProjectReplica replica, PoisonedLogException poison)
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

    public async Task ServeAsync(IReadOnlyList<WorkItem> items)
    {
        var access = await log.ReadAccessAsync(CancellationToken.None);
        foreach (var item in items)
        {
            WorkOutcome outcome;
            try
            {
                outcome = await ServeAsync(item, access.List.RoleOf(item.Origin.User));
            }
            catch (GatewayException)
            {
                outcome = new WorkOutcome.Unavailable("The answer could not be sent now.");
            }

            if (item is JoinItem join)
            {
                join.Answer(outcome);
            }
            else
            {
                item.Complete(outcome);
            }
        }
    }

    private async Task<WorkOutcome> ServeAsync(WorkItem item, Role role)
    {
        switch (item)
        {
            case LeaveItem:
                await services.Gateway.RemoveFromGroupAsync(group, item.Origin.Connection, CancellationToken.None);
                return new WorkOutcome.Done(revision);
            case PublishItem or AccessItem:
                return new WorkOutcome.Unavailable(reason);
            case ResetItem or RestoreItem:
                return role < Role.Editor ? new WorkOutcome.Denied() : new WorkOutcome.ReadOnly(reason);
            case ChangeItem change when role >= Role.Editor:
                var sent = await SendDatasetAsync(change.Origin.Connection, reason);
                return sent is WorkOutcome.Done done ? new WorkOutcome.Healed(done.Revision) : sent;
            case LookUpItem lookUp when role >= Role.Viewer:
                return dataset.TryFindVersion(lookUp.Version, out var key)
                    ? new WorkOutcome.Found(key)
                    : new WorkOutcome.NotFound();
            case JoinItem join when role >= Role.Viewer:
                return await SendDatasetAsync(join.Origin.Connection, join.Error);
            default:
                return new WorkOutcome.Denied();
        }
    }

    /// <summary>
    /// In the group for this one send only: an instance that can read the log may be publishing to it, and what it sends does not follow
    /// this dataset.
    /// </summary>
    private async Task<WorkOutcome> SendDatasetAsync(ConnectionId connection, string? error)
    {
        if (frame.Length > GatewayLimits.MessageBytesMax)
        {
            return new WorkOutcome.TooLarge(frame.Length);
        }

        if (!await services.Gateway.AddToGroupAsync(group, connection, CancellationToken.None))
        {
            return new WorkOutcome.Gone();
        }

        if (error is not null)
        {
            await SendAsync(connection, frames.Refusal(error));
            await Task.Delay(options.QuietTime, services.Time);
        }

        await SendAsync(connection, frame);
        await services.Gateway.RemoveFromGroupAsync(group, connection, CancellationToken.None);
        return new WorkOutcome.Done(revision);
    }

    private Task SendAsync(ConnectionId connection, byte[] message) =>
        services.Gateway.SendToGroupAsync(group, message, new Audience.Only(connection), CancellationToken.None);
}
