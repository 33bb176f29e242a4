using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Archives;

/// <summary>
/// Creates and restores archives of projects. Owners may archive their projects. Only administrators may restore,
/// because a restore can replace a project without its users' consent.
/// </summary>
/// <remarks>
/// A request works for at most <see cref="ArchiveOptions.WorkTime"/>, and its result states whether to repeat it.
/// States are loaded through the gate and the memory budget of the process.
/// </remarks>
public sealed partial class ArchiveAdministration
{
    private const string Busy = "Another request works on this archive; try again in some seconds.";
    private const string IsFull = "The server is at its limit of what it can load at the same time.";

    private readonly EngineDependencies services;
    private readonly SequencerRegistry sequencers;
    private readonly ArchiveOptions options;
    private readonly TableArchiveStore store;
    private readonly ArchiveDirectory directory;
    private readonly ArchiveMaker maker;
    private readonly ArchiveRestorer restorer;
    private readonly RestoreNaming naming;

    /// <summary>Creates the service without I/O.</summary>
    public ArchiveAdministration(EngineDependencies services, SequencerRegistry sequencers, ArchiveOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(sequencers);
        this.services = services;
        this.sequencers = sequencers;
        this.options = options;
        store = new TableArchiveStore(services.Store);
        directory = new ArchiveDirectory(services.Store, services.Time);
        maker = new ArchiveMaker(services, store);
        restorer = new ArchiveRestorer(services, store, directory);
        naming = new RestoreNaming(services, sequencers);
    }

    /// <summary>Begins the archive of a project, for an owner or an administrator.</summary>
    public async Task<ArchiveResult> BeginAsync(string user, ProjectId project, CancellationToken cancellationToken)
    {
        if (await NeedsOwnerAsync(user, project, cancellationToken) is { } refused)
        {
            return refused;
        }

        return await AddAsync(project, isUpload: false, cancellationToken) is { } added
            ? await AdvanceAsync(added, cancellationToken)
            : TooMany();
    }

    /// <summary>Continues the archive of a project. Does nothing when it is complete.</summary>
    public async Task<ArchiveResult> ContinueAsync(string user, ProjectId project, string name, CancellationToken cancellationToken) =>
        await FindArchiveAsync(user, project, name, cancellationToken) is var (archive, refused) && archive is not null
            ? await AdvanceAsync(archive, cancellationToken)
            : refused!;

    /// <summary>The progress of an archive.</summary>
    public async Task<ArchiveResult> DescribeAsync(string user, ProjectId project, string name, CancellationToken cancellationToken) =>
        await FindArchiveAsync(user, project, name, cancellationToken) is var (archive, refused) && archive is not null
            ? Describe(archive)
            : refused!;

    /// <summary>Reads a part of an archive. Parts never change, so an interrupted download can be repeated.</summary>
    public async Task<ArchiveResult> ReadPartAsync(
        string user,
        ProjectId project,
        string name,
        int number,
        CancellationToken cancellationToken
    )
    {
        var (archive, refused) = await FindArchiveAsync(user, project, name, cancellationToken);
        if (archive is null)
        {
            return refused!;
        }

        return number <= archive.Parts && await store.ReadAsync(name, number, cancellationToken) is { } part
            ? new ArchiveResult.Part(part)
            : new ArchiveResult.NotFound();
    }

    /// <summary>Removes an archive before it expires.</summary>
    public async Task<ArchiveResult> RemoveAsync(string user, ProjectId project, string name, CancellationToken cancellationToken)
    {
        var (archive, refused) = await FindArchiveAsync(user, project, name, cancellationToken);
        return archive is null ? refused! : await RemoveAsync(archive, cancellationToken);
    }

    /// <summary>Removes expired archives and those of deleted projects. Call it from a timer.</summary>
    /// <returns>The number of archives removed.</returns>
    public async Task<int> ExpireAsync(CancellationToken cancellationToken)
    {
        var removed = 0;
        foreach (var archive in await directory.ListAsync(cancellationToken))
        {
            var isOver = archive.Expires <= services.Time.GetUtcNow();
            if (isOver || (!archive.IsUpload && await HeadOfAsync(archive.Project, cancellationToken) is not { Value.IsDeleted: false }))
            {
                removed += await RemoveAsync(archive, cancellationToken) is ArchiveResult.Done ? 1 : 0;
            }
        }

        return removed;
    }

    private Task<ArchiveResult> AdvanceAsync(OpenArchive archive, CancellationToken cancellationToken) =>
        archive.IsComplete
            ? Task.FromResult<ArchiveResult>(Describe(archive))
            : WorkAsync(
                archive,
                async (claimed, loading) =>
                {
                    var deadline = new Deadline(services.Time, options.WorkTime);
                    var advanced = await maker.AdvanceAsync(claimed, loading, deadline, cancellationToken);
                    return advanced is null
                        ? new ArchiveResult.NotFound()
                        : Describe(await directory.ReleaseAsync(advanced, cancellationToken));
                },
                cancellationToken
            );

    /// <summary>Runs work on an archive, one request at a time.</summary>
    private async Task<ArchiveResult> WorkAsync(
        OpenArchive archive,
        Func<OpenArchive, LoadingScope, Task<ArchiveResult>> work,
        CancellationToken cancellationToken
    )
    {
        // Two parts: one being read, one being written.
        using var loading = sequencers.Loading.Open(LoadingKind.Bulk);
        if (!await loading.Memory.TryReserveAsync(2L * ArchiveLimits.PartBytesMax))
        {
            return new ArchiveResult.Unavailable(IsFull);
        }

        return await directory.ClaimAsync(archive, services.Ids.NewId(), cancellationToken) is { } claimed
            ? await TryAsync(claimed, work, loading, cancellationToken)
            : new ArchiveResult.Unavailable(Busy);
    }

    private async Task<ArchiveResult> TryAsync(
        OpenArchive claimed,
        Func<OpenArchive, LoadingScope, Task<ArchiveResult>> work,
        LoadingScope loading,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await work(claimed, loading);
        }
        catch (ArchiveException exception)
        {
            await GiveBackAsync(claimed, cancellationToken);
            return new ArchiveResult.Refused(exception.Message);
        }
        catch (LoadingRefusedException)
        {
            await GiveBackAsync(claimed, cancellationToken);
            return new ArchiveResult.Unavailable(IsFull);
        }
        catch (StorageException)
        {
            // Release the claim, so that the next request need not wait until it expires.
            await GiveBackAsync(claimed, cancellationToken);
            throw;
        }
    }

    /// <summary>Releases the claim at the last saved progress.</summary>
    private async Task GiveBackAsync(OpenArchive claimed, CancellationToken cancellationToken)
    {
        try
        {
            if (
                await directory.FindAsync(claimed.Name, cancellationToken) is { } now
                && string.Equals(now.Worker, claimed.Worker, StringComparison.Ordinal)
            )
            {
                await directory.ReleaseAsync(now, cancellationToken);
            }
        }
        catch (StorageException exception)
        {
            services.Observer.Failed(claimed.Project, exception);
        }
    }

    private async Task<OpenArchive?> AddAsync(ProjectId project, bool isUpload, CancellationToken cancellationToken)
    {
        var open = (await directory.ListAsync(cancellationToken)).Count(archive => archive.Project == project);
        if (open >= ArchiveLimits.OpenMax)
        {
            return null;
        }

        var archive = new OpenArchive(services.Ids.NewId(), project, isUpload, services.Time.GetUtcNow() + options.KeptFor);
        await directory.AddAsync(archive, cancellationToken);
        return await directory.FindAsync(archive.Name, cancellationToken);
    }

    private async Task<ArchiveResult> RemoveAsync(OpenArchive archive, CancellationToken cancellationToken)
    {
        // From here on it is expired: a restore that continued it would name rows that are gone.
        var expired = archive with { Expires = Earlier(archive.Expires, services.Time.GetUtcNow()) };
        if (
            await restorer.MayYetBeNamedAsync(archive, cancellationToken)
            || await directory.ClaimAsync(expired, services.Ids.NewId(), cancellationToken) is not { } claimed
        )
        {
            return new ArchiveResult.Unavailable(Busy);
        }

        using var loading = sequencers.Loading.Open(LoadingKind.Bulk);
        try
        {
            await restorer.UndoAsync(claimed, loading, cancellationToken);
            if (claimed.Restore is not null)
            {
                // The parts name the rows that were stored. A removal that is repeated when some parts are gone has none left to find.
                claimed = await directory.SaveAsync(claimed with { Restore = null }, cancellationToken);
            }
        }
        catch (LoadingRefusedException)
        {
            await GiveBackAsync(claimed, cancellationToken);
            return new ArchiveResult.Unavailable(IsFull);
        }
        catch (ArchiveException exception)
        {
            // Its parts are missing or incomplete, so the rows that it stored cannot be found.
            services.Observer.Failed(archive.Project, exception);
        }

        await store.RemoveAsync(archive.Name, cancellationToken);
        await directory.RemoveAsync(archive.Name, cancellationToken);
        return new ArchiveResult.Done();
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private async Task<(OpenArchive? Archive, ArchiveResult? Refused)> FindArchiveAsync(
        string user,
        ProjectId project,
        string name,
        CancellationToken cancellationToken
    ) =>
        await NeedsOwnerAsync(user, project, cancellationToken) is { } refused
            ? (null, refused)
            : await FindAsync(project, name, isUpload: false, cancellationToken);

    private async Task<(OpenArchive? Archive, ArchiveResult? Refused)> FindAsync(
        ProjectId project,
        string name,
        bool isUpload,
        CancellationToken cancellationToken
    ) =>
        ArchivePart.IsName(name)
        && await directory.FindAsync(name, cancellationToken) is { } archive
        && archive.Project == project
        && archive.IsUpload == isUpload
        && archive.Expires > services.Time.GetUtcNow()
            ? (archive, null)
            : (null, new ArchiveResult.NotFound());

    private async Task<ArchiveResult?> NeedsOwnerAsync(string user, ProjectId project, CancellationToken cancellationToken)
    {
        var log = new ProjectLog(services.Store, project);
        if (await log.ReadHeadAsync(cancellationToken) is not { Value.IsDeleted: false })
        {
            return new ArchiveResult.NotFound();
        }

        return (await log.ReadAccessAsync(cancellationToken)).List.RoleOf(user) switch
        {
            Role.Owner => null,
            _ when options.IsAdministrator(user) => null,
            Role.None => new ArchiveResult.NotFound(),
            _ => new ArchiveResult.NotAllowed("Only an owner of the project may do this."),
        };
    }

    private Task<StoredHead?> HeadOfAsync(ProjectId project, CancellationToken cancellationToken) =>
        new ProjectLog(services.Store, project).ReadHeadAsync(cancellationToken);

    private static ArchiveResult.Conflict TooMany() =>
        new($"archives: at most {ArchiveLimits.OpenMax} of a project at a time; remove one, or wait until it expires");

    private static ArchiveResult.Described Describe(OpenArchive archive) =>
        new(
            new ArchiveStatus(
                archive.Name,
                archive.Expires,
                archive.Parts,
                archive.IsComplete,
                archive.Revision,
                archive.Digest.IsEmpty ? null : Convert.ToHexStringLower(archive.Digest.Span)
            )
        );
}
