using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Engine;

/// <summary>
/// The engines that are there, the one that was used last in front. Finding, starting, removing and evicting one cost the same however many
/// there are.
/// </summary>
internal sealed class EngineCache
{
    /// <summary>Engines that one eviction looks at: those that are in the middle of something are put in front again.</summary>
    private const int EvictionTriesMax = 16;

    private readonly LoadingGate loading;
    private readonly Func<ProjectId, LoadingScope, ProjectSequencer> start;
    private readonly Lock gate = new();
    private readonly Dictionary<ProjectId, LinkedListNode<Place>> places = [];
    private readonly LinkedList<Place> byUse = new();
    private bool closed;

    public EngineCache(LoadingGate loading, Func<ProjectId, LoadingScope, ProjectSequencer> start)
    {
        this.loading = loading;
        this.start = start;
        loading.Budget.AddEvictor(Evict);
    }

    public bool Contains(ProjectId project)
    {
        lock (gate)
        {
            return places.ContainsKey(project);
        }
    }

    /// <summary>The engine of a project, started when there is none. Null when there is no room for one more, or all are ending.</summary>
    public async Task<ProjectSequencer?> FindAsync(ProjectId project)
    {
        if (Find(project, scope: null) is { } known)
        {
            return known;
        }

#pragma warning disable CA2000 // An engine that takes it gives it back at its end (LeaveWhenDoneAsync).
        var scope = loading.Open(LoadingKind.Live);
#pragma warning restore CA2000
        var isTaken = false;
        try
        {
            var engine = await scope.Memory.TryReserveAsync(LoadingCost.EngineBytes) ? Find(project, scope) : null;
            isTaken = engine?.Loading == scope;
            return engine;
        }
        finally
        {
            if (!isTaken)
            {
                scope.Dispose();
            }
        }
    }

    /// <summary>Forgets an engine that has ended, or is about to.</summary>
    public void Remove(ProjectId project, ProjectSequencer engine)
    {
        lock (gate)
        {
            if (places.TryGetValue(project, out var place) && place.Value.Engine == engine)
            {
                places.Remove(project);
                byUse.Remove(place);
            }
        }
    }

    /// <summary>Starts none any more. Those that are there.</summary>
    public IReadOnlyList<ProjectSequencer> Close()
    {
        lock (gate)
        {
            closed = true;
            return [.. byUse.Select(static place => place.Engine)];
        }
    }

    private ProjectSequencer? Find(ProjectId project, LoadingScope? scope)
    {
        lock (gate)
        {
            if (places.TryGetValue(project, out var place))
            {
                byUse.Remove(place);
                byUse.AddFirst(place);
                return place.Value.Engine;
            }

            if (closed || scope is null)
            {
                return null;
            }

            var engine = start(project, scope);
            var gone = LeaveWhenDoneAsync(project, engine);
            places.Add(project, byUse.AddFirst(new Place(project, engine, gone)));
            return engine;
        }
    }

    private async Task LeaveWhenDoneAsync(ProjectId project, ProjectSequencer engine)
    {
        try
        {
            await engine.Completion;
        }
        finally
        {
            Remove(project, engine);
            engine.Loading.Dispose();
        }
    }

    /// <summary>Begins to end the engine that was used least recently and has nothing to do.</summary>
    private Eviction? Evict()
    {
        lock (gate)
        {
            for (var tries = Math.Min(EvictionTriesMax, places.Count); tries > 0; tries--)
            {
                var place = byUse.Last!;
                byUse.Remove(place);
                if (place.Value.Engine.TryRetire())
                {
                    places.Remove(place.Value.Project);
                    return new Eviction(place.Value.Gone);
                }

                byUse.AddFirst(place);
            }

            return null;
        }
    }

    /// <summary>An engine in its place.</summary>
    /// <param name="Project">Its project.</param>
    /// <param name="Engine">The engine.</param>
    /// <param name="Gone">Ends when it has ended and its memory is free.</param>
    private sealed record Place(ProjectId Project, ProjectSequencer Engine, Task Gone);
}
