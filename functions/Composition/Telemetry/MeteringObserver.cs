using System.Diagnostics;
using System.Diagnostics.Metrics;
using ServerlessSync.Core.Datasets.Importing;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Limits;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Composition.Telemetry;

/// <summary>
/// Records the events of the engine as metrics of the meter <see cref="MeterName"/>. Projects, users and connections are
/// never dimensions: each distinct value would be billed as a time series.
/// </summary>
public sealed class MeteringObserver : ISyncObserver, ILimitObserver
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "ServerlessSync";

    private readonly Histogram<double> commitSeconds;
    private readonly Histogram<int> commitEntries;
    private readonly Counter<long> conflicts;
    private readonly Histogram<double> publishSeconds;
    private readonly Histogram<double> loadSeconds;
    private readonly Counter<long> joins;
    private readonly Counter<long> resyncs;
    private readonly Counter<long> takeOvers;
    private readonly Counter<long> sendFailures;
    private readonly Counter<long> snapshotBytes;
    private readonly Counter<long> failures;
    private readonly Counter<long> drops;
    private readonly Counter<long> quarantines;
    private readonly Counter<long> repairs;
    private readonly Counter<long> limitsReached;

    /// <summary>Creates the instruments.</summary>
    public MeteringObserver(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
#pragma warning disable CA2000 // The factory owns the meter, and returns the same one for the same name.
        var meter = meters.Create(MeterName);
#pragma warning restore CA2000
        commitSeconds = meter.CreateHistogram<double>("sync.commit.duration", "s", "From deciding a batch to its commit, lost races included.");
        commitEntries = meter.CreateHistogram<int>("sync.commit.entries", "{revision}", "Revisions in one commit.");
        conflicts = meter.CreateCounter<long>("sync.commit.conflicts", "{race}", "Races that a commit lost before it succeeded.");
        publishSeconds = meter.CreateHistogram<double>("sync.publish.duration", "s", "From the start of a publication to its last send.");
        loadSeconds = meter.CreateHistogram<double>("sync.load.duration", "s", "Reading a project from storage.");
        joins = meter.CreateCounter<long>("sync.joins", "{join}", "Datasets that were requested and sent.");
        resyncs = meter.CreateCounter<long>("sync.heals", "{heal}", "Changes that were answered with a dataset.");
        takeOvers = meter.CreateCounter<long>("sync.lease.takeovers", "{lease}", "Leases taken over from an instance that stopped renewing them.");
        sendFailures = meter.CreateCounter<long>("sync.send.failures", "{send}", "Sends whose outcome is unknown.");
        snapshotBytes = meter.CreateCounter<long>("sync.snapshot.written", "By", "Bytes of snapshots, before compression.");
        repairs = meter.CreateCounter<long>("sync.repairs", "{project}", "Projects with stored ids that no client can load, found while loading.");
        failures = meter.CreateCounter<long>("sync.failures", "{failure}", "Steps that failed; their events were answered with 503.");
        drops = meter.CreateCounter<long>("sync.state.drops", "{project}", "Projects whose loaded state was discarded because it was in doubt.");
        quarantines = meter.CreateCounter<long>("sync.quarantines", "{project}", "Projects whose log cannot be applied, found while loading.");
        limitsReached = meter.CreateCounter<long>("sync.limits.reached", "{request}", "Messages and requests that exceeded a rate limit.");
    }

    /// <inheritdoc/>
    public void Committed(ProjectId project, long revision, int entries, int attempts, TimeSpan duration)
    {
        commitSeconds.Record(duration.TotalSeconds);
        commitEntries.Record(entries);
        if (attempts > 1)
        {
            conflicts.Add(attempts - 1);
        }
    }

    /// <inheritdoc/>
    public void Published(ProjectId project, long revision, TimeSpan duration) => publishSeconds.Record(duration.TotalSeconds);

    /// <inheritdoc/>
    public void Joined(ProjectId project, ConnectionId connection, long revision) => joins.Add(1);

    /// <inheritdoc/>
    public void Resynced(ProjectId project, ConnectionId connection, string reason) => resyncs.Add(1);

    /// <inheritdoc/>
    public void LeaseTakenOver(ProjectId project, string holder, long generation) => takeOvers.Add(1);

    /// <inheritdoc/>
    public void SendFailed(ProjectId project, long generation, Exception exception) => sendFailures.Add(1);

    /// <inheritdoc/>
    public void Loaded(ProjectId project, long revision, TimeSpan duration) => loadSeconds.Record(duration.TotalSeconds);

    /// <inheritdoc/>
    public void SnapshotWritten(ProjectId project, long revision, long bytes) => snapshotBytes.Add(bytes);

    /// <inheritdoc/>
    public void Failed(ProjectId project, Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        failures.Add(1, new TagList { { "error.type", exception.GetType().Name } });
    }

    /// <inheritdoc/>
    public void Repaired(ProjectId project, long revision, IReadOnlyList<RenamedRecord> renamed) => repairs.Add(1);

    /// <inheritdoc/>
    public void Dropped(ProjectId project, Exception exception) => drops.Add(1);

    /// <inheritdoc/>
    public void Quarantined(ProjectId project, long revision, Exception exception) => quarantines.Add(1);

    /// <inheritdoc/>
    public void LimitReached(LimitKind kind, LimitAction action) =>
        limitsReached.Add(1, new TagList { { "limit", NameOf(kind) }, { "action", NameOf(action) } });

    private static string NameOf(LimitKind kind) =>
        kind switch
        {
            LimitKind.Messages => "messages",
            LimitKind.Bytes => "bytes",
            LimitKind.Loads => "loads",
            LimitKind.Resets => "resets",
            LimitKind.Calls => "calls",
            LimitKind.Exports => "exports",
            LimitKind.Writes => "writes",
            LimitKind.Creations => "creations",
            LimitKind.Imports => "imports",
            LimitKind.Projects => "projects",
            LimitKind.SignIns => "sign_ins",
            _ => "unknown",
        };

    private static string NameOf(LimitAction action) =>
        action switch
        {
            LimitAction.Delayed => "delayed",
            LimitAction.Refused => "refused",
            LimitAction.Closed => "closed",
            _ => "unknown",
        };
}
