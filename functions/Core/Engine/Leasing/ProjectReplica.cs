using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Engine.Subscribing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.State;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Engine.Leasing;

/// <summary>
/// This process's copy of a project: the head as last read or written, and the state folded up to exactly its revision. Only the
/// project's loop touches it.
/// </summary>
internal sealed class ProjectReplica
{
    /// <summary>
    /// Reads of an unchanged head after which an engine takes itself for the only one: with four at work a read misses the others in one of
    /// four cases.
    /// </summary>
    private const int QuietReadsMax = 3;

    private readonly EngineDependencies services;
    private readonly LoadingScope loading;
    private StoredHead? head;
    private ProjectState? state;
    private int quietReads = QuietReadsMax;
    private long? foreignWriteAt;

    public ProjectReplica(EngineDependencies services, ProjectId project, LoadingScope loading)
    {
        this.services = services;
        this.loading = loading;
        Project = project;
        Log = new ProjectLog(services.Store, project);
        Replacements = new ReplacementDatasetCache(Log, loading);
        Unsent = new UnsentCommits(Log);
    }

    public ProjectId Project { get; }

    public ProjectLog Log { get; }

    public bool IsLoaded => state is not null;

    public Head Head => head!.Value;

    public StoredHead StoredHead => head!;

    public ProjectState State => state!;

    public AccessList Access => AccessRow.List;

    /// <summary>The access list as the head of this replica knows it, or newer.</summary>
    public AccessRow AccessRow { get; private set; } = AccessRow.Of(AccessList.Empty);

    /// <summary>The group of the present generation.</summary>
    public GroupName Group => GroupName.OfProject(Project, Head.Generation);

    /// <summary>The datasets that resets and restores go back to.</summary>
    public ReplacementDatasetCache Replacements { get; }

    public UnsentCommits Unsent { get; }

    public SnapshotProgress Snapshots { get; } = new();

    /// <summary>
    /// Whether the head must be read before anything is decided: a read broke off, so that the state may be ahead of the head, or the
    /// outcome of a write is not known. The state itself is right; nothing has to be loaded again.
    /// </summary>
    public bool MustRefresh { get; set; }

    /// <summary>Whether one of the last reads found a head that another engine had written.</summary>
    public bool HasChangedLately => quietReads < QuietReadsMax;

    /// <summary>How long ago a read found a head that another engine had written; null when none did.</summary>
    public TimeSpan? SinceForeignWrite => foreignWriteAt is { } moment ? services.Time.GetElapsedTime(moment) : null;

    /// <summary>A rough count of the memory it takes.</summary>
    public long ApproximateBytes => (state?.ApproximateBytes ?? 0) + Replacements.ApproximateBytes + Unsent.ApproximateBytes;

    /// <summary>Called when a head was read and everything up to it is folded.</summary>
    public Action? HeadRead { get; set; }

    /// <summary>Called for each commit that becomes part of the state.</summary>
    public Action<Commit>? Folded { get; set; }

    /// <summary>Called when the state is forgotten.</summary>
    public Action? Unloaded { get; set; }

    /// <summary>Reads the project. False when there is none.</summary>
    /// <exception cref="LoadingRefusedException">There is no room for it now, or its turn did not come in time.</exception>
    public async Task<bool> LoadAsync(CancellationToken cancellationToken)
    {
        Unload();
        var started = services.Time.GetTimestamp();
        if (await Log.ReadHeadAsync(cancellationToken) is not { Value.IsDeleted: false } read)
        {
            return false;
        }

        (read, var stored) = await StateSnapshot.ReadNewestAsync(Log, read, loading, cancellationToken);
        Snapshots.Load(stored.Bytes);
        head = read;
        state = stored.State;
        try
        {
            AccessRow = await Log.ReadAccessAsync(cancellationToken);
            await FoldToAsync(read, commitId: null, cancellationToken);
        }
        catch (Exception exception) when (exception is StorageException or LoadingRefusedException)
        {
            Unload();
            throw;
        }

        services.Observer.Loaded(Project, State.Revision, services.Time.GetElapsedTime(started));
        if (!State.Dataset.IsSound)
        {
            services.Observer.Repaired(Project, State.Revision, State.Dataset.Renamed);
        }

        return true;
    }

    /// <summary>Forgets everything; the next turn loads anew.</summary>
    public void Unload()
    {
        head = null;
        state = null;
        Replacements.Clear();
        Unsent.Clear();
        Snapshots.Load(bytes: 0);
        MustRefresh = false;
        Unloaded?.Invoke();
    }

    /// <summary>Reads the head and folds what other engines committed. True when a commit with this id is among it.</summary>
    public async Task<bool> RefreshAsync(string? commitId, CancellationToken cancellationToken)
    {
        MustRefresh = true;
        var (tail, stored) = await ReadTailAsync(cancellationToken);
        var read = stored ?? throw new InvalidDataException($"Project {Project} has lost its head.");
        if (read.Value.IsDeleted)
        {
            // What the head counts may be removed already.
            throw new ProjectDeletedException(Project);
        }

        if (read.ETag == head!.ETag)
        {
            quietReads++;
        }
        else
        {
            quietReads = 0;
            foreignWriteAt = services.Time.GetTimestamp();
        }

        var found = FoldTail(tail, read.Value.Revision, commitId);
        if (read.Value.AccessVersion != Head.AccessVersion)
        {
            AccessRow = await Log.ReadAccessAsync(cancellationToken);
        }

        return await FoldToAsync(read, commitId, cancellationToken) | found;
    }

    /// <summary>Takes over a head that this engine wrote.</summary>
    /// <param name="written">The head.</param>
    /// <param name="commit">The commit that was written with it; its entries are applied already.</param>
    /// <param name="access">The access list that was written with it.</param>
    public void Adopt(StoredHead written, Commit? commit, AccessRow? access)
    {
        head = written;
        AccessRow = access ?? AccessRow;
        if (commit is not null)
        {
            State.Remember(commit);
            Take(commit);
        }

        Debug.Assert(State.Revision == Head.Revision, "The state is folded up to exactly the head's revision.");
    }

    private async Task<(List<Commit> Tail, StoredHead? Head)> ReadTailAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Log.ReadTailAsync(State.Revision, cancellationToken);
        }
        catch (InvalidDataException exception)
        {
            throw new PoisonedLogException(State.Revision + 1, exception);
        }
    }

    /// <summary>Folds the commits below the head that need no other rows; <see cref="FoldToAsync"/> folds the others.</summary>
    private bool FoldTail(List<Commit> tail, long upTo, string? commitId)
    {
        var found = false;
        foreach (var commit in tail)
        {
            if (commit.Last > upTo || !Replacements.Holds(commit.Entries, Head))
            {
                break;
            }

            Fold(commit);
            found |= IsCommit(commit, commitId);
        }

        return found;
    }

    private async Task<bool> FoldToAsync(StoredHead read, string? commitId, CancellationToken cancellationToken)
    {
        var found = false;
        try
        {
            await foreach (var commit in Log.ReadCommitsAsync(State.Revision, read.Value.Revision, cancellationToken))
            {
                await Replacements.FetchAsync(commit.Entries, Head, cancellationToken);
                Fold(commit);
                found |= IsCommit(commit, commitId);
            }
        }
        catch (InvalidDataException exception)
        {
            await Log.ThrowWhenRemovedAsync(State.Revision + 1, exception, cancellationToken);
            throw new PoisonedLogException(State.Revision + 1, exception);
        }

        Debug.Assert(State.Revision == read.Value.Revision, "The state is folded up to exactly the head's revision.");
        head = read;
        MustRefresh = false;
        HeadRead?.Invoke();
        return found;
    }

    /// <summary>Folds a commit whole or not at all.</summary>
    [SuppressMessage(
        "Design",
        "CA1031:Do not catch general exception types",
        Justification = "Any exception of the fold means that the commit cannot be applied, now or ever."
    )]
    private void Fold(Commit commit)
    {
        State.Dataset.Mark();
        try
        {
            State.Fold(commit, ReplacementOf);
        }
        catch (Exception exception)
        {
            State.Dataset.Rollback();
            throw new PoisonedLogException(commit.First, exception);
        }

        State.Dataset.Release();
        Take(commit);
    }

    private void Take(Commit commit)
    {
        Unsent.Add(commit);
        Snapshots.Fold(commit);
        Folded?.Invoke(commit);
    }

    private Dataset? ReplacementOf(LogEntry entry) => Replacements.Find(ReplacementDatasetCache.KeyOf(entry, Head));

    private static bool IsCommit(Commit commit, string? id) => id is not null && string.Equals(commit.Id, id, StringComparison.Ordinal);
}
