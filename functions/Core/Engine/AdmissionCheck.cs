using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Engine;

/// <summary>
/// Looks at the stored access list before an engine is started or asked: one point read, the same for a project that is not there and for
/// one that is not for this user. Rights are never cached: a user who is admitted had the right after the event came in.
/// </summary>
internal sealed class AdmissionCheck(EngineDependencies services)
{
    /// <summary>How long a project that was not there is taken for not there.</summary>
    public static readonly TimeSpan MissingTime = TimeSpan.FromSeconds(1);

    /// <summary>Missing projects that are remembered, about 2 MB; more of them within a second cost reads again.</summary>
    public const int MissingMax = 10_000;

    private readonly Lock gate = new();
    private readonly Dictionary<ProjectId, long> missing = [];
    private readonly Queue<(ProjectId Project, long Since)> byAge = new();

    /// <summary>Whether an item may pass to the project's engine.</summary>
    /// <param name="project">The project.</param>
    /// <param name="item">The item.</param>
    /// <param name="hasEngine">Whether there is an engine, which knows as much about the project.</param>
    public async Task<bool> MayPassAsync(ProjectId project, ProjectRequest item, bool hasEngine)
    {
        if (item.Needed is not { } needed || (needed == Role.None && hasEngine))
        {
            return true;
        }

        return await FindAsync(project, CancellationToken.None) is { } access && access.RoleOf(item.Origin.User) >= needed;
    }

    /// <summary>Who may do what as it is stored now; null when there is no such project, or was none a moment ago.</summary>
    public async Task<AccessList?> FindAsync(ProjectId project, CancellationToken cancellationToken)
    {
        var now = services.Time.GetTimestamp();
        if (IsMissing(project, now))
        {
            return null;
        }

        if (await new ProjectLog(services.Store, project).FindAccessAsync(cancellationToken) is { } row)
        {
            return row.List;
        }

        Note(project, now);
        return null;
    }

    /// <summary>The project is there now.</summary>
    public void Forget(ProjectId project)
    {
        lock (gate)
        {
            missing.Remove(project);
        }
    }

    private bool IsMissing(ProjectId project, long now)
    {
        lock (gate)
        {
            DropBefore(now, MissingMax);
            return missing.ContainsKey(project);
        }
    }

    private void Note(ProjectId project, long now)
    {
        lock (gate)
        {
            DropBefore(now, MissingMax - 1);
            missing[project] = now;
            byAge.Enqueue((project, now));
        }
    }

    /// <summary>Each entry is dropped once, so that this costs no more than noting it did.</summary>
    private void DropBefore(long now, int countMax)
    {
        while (
            byAge.TryPeek(out var oldest)
            && (byAge.Count > countMax || services.Time.GetElapsedTime(oldest.Since, now) >= MissingTime)
        )
        {
            byAge.Dequeue();
            if (missing.TryGetValue(oldest.Project, out var since) && since == oldest.Since)
            {
                missing.Remove(oldest.Project);
            }
        }
    }
}
