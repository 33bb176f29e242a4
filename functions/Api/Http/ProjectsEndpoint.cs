using System.Globalization;
using Microsoft.AspNetCore.Http;
using ServerlessSync.Api.Users;
using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Limits;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;

namespace ServerlessSync.Api.Http;

/// <summary>
/// <c>/api/projects</c>: management of whole projects. Errors are problem details. A project that the user may not see is
/// 404. A user who exceeds a rate or a quota gets 429, with <c>Retry-After</c> where waiting helps. 501 while sign-in is not
/// configured.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item><c>GET /[?limit=1..200][&amp;after=AFTER]</c>: <c>{"projects":[{"id","name"}],"after"}</c>, the projects that the
/// user may open, the user's own first; 200 a page by default. <c>after</c> requests the next page and is null on the last.
/// A page can hold fewer projects than requested.</item>
/// <item><c>POST /?name=NAME[&amp;id=ID]</c> with a dataset as the body: 201 <c>{"id"}</c>; the user becomes the owner.
/// 400, 413. Only administrators may choose an id: other users get 403, whatever the id. 409 when the id is or was in
/// use.</item>
/// <item><c>GET /ID/dataset</c>: the dataset as clients receive it; the header <c>Sync-Revision</c> holds its
/// revision.</item>
/// <item><c>GET /ID/dataset?revision=N</c>: the dataset at an earlier revision, for owners. 400; 404 for a revision that
/// does not exist yet; 410 for one that is no longer retained (the detail names the last or the first available revision);
/// 409 when the log cannot be read.</item>
/// <item><c>GET /ID/revisions[?before=N][&amp;limit=1..200]</c>: the history, newest first, 50 revisions a page by default,
/// for owners.
/// <c>{"first","last","before","revisions":[{"revision","kind","user","time","restored","changes","project"}]}</c>:
/// <c>first</c> and <c>last</c> are the oldest and the newest revision in the log; <c>before</c> requests the next page and
/// is null on the last; <c>kind</c> is <c>change</c>, <c>reset</c> or <c>restore</c>; <c>restored</c> is the revision that
/// a restore returned to; <c>changes</c> counts records, <c>{STORE:{"added","updated","removed"}}</c>; <c>project</c> lists
/// the project's own fields that were set.</item>
/// <item><c>POST /ID/restore</c> <c>{"revision":N}</c>: restores an earlier revision, for owners. 200 <c>{"revision"}</c>,
/// the number of the restore itself; errors as for the dataset at a revision. A repeated request restores again, which
/// changes only the number.</item>
/// <item><c>GET /ID/access</c>: <c>{"everybody","users":{NAME:ROLE}}</c>, for owners.</item>
/// <item><c>PUT /ID/access/NAME</c> or <c>PUT /ID/access?user=NAME</c> <c>{"role":"viewer"|"editor"|"owner"}</c>; NAME
/// <c>*</c> stands for all users. 204 once the role is enforced everywhere. A name with a slash belongs in the query,
/// because a path may lose the slash.</item>
/// <item><c>DELETE /ID/access/NAME</c> or <c>DELETE /ID/access?user=NAME</c>: revokes the role. 204.</item>
/// <item><c>DELETE /ID</c>: deletes the project permanently. 204 when nothing of it is left; after any other answer repeat
/// the request, or the server completes the deletion.</item>
/// <item><c>POST /ID/archives</c>: begins an archive, for owners and administrators. 201
/// <c>{"archive","revision","parts","complete","digest","expires"}</c>, or 202 when <c>POST /ID/archives/NAME</c> has to
/// continue it. <c>GET</c> and <c>DELETE</c> describe and remove it; <c>GET /ID/archives/NAME/parts/N</c> for N from 1 to
/// <c>parts</c> returns at most <see cref="ArchiveLimits.PartBytesMax"/> bytes of <see cref="ArchiveMediaType"/>. 404, 409,
/// 503.</item>
/// <item><c>POST /ID/uploads</c>: begins an upload, for administrators. 201 as above. <c>PUT /ID/uploads/NAME/parts/N</c>
/// with a part: 204, in any order and as often as needed; 400 names the fault. <c>POST /ID/uploads/NAME/restore</c>
/// <c>{"replace":false,"access":false,"name":null,"digest":null}</c>, all optional: 202 when the request has to be
/// repeated, 200 <c>{"revision"}</c>, the revision at which the project continues. 400 names the part; 409 when the project
/// exists and <c>replace</c> is not true.</item>
/// </list>
/// An id in a path or query is a number when it parses as one (<c>7</c>), else text. Text that would parse as a number is
/// quoted (<c>%227%22</c>). Rights are checked before anything that costs more than the check.
/// </remarks>
public sealed partial class ProjectsEndpoint
{
    /// <summary>The media type of a part. Not JSON, so that no intermediary inspects it or compresses it again.</summary>
    public const string ArchiveMediaType = "application/vnd.serverless-sync.archive";

    /// <summary>The header that holds the revision of an exported dataset.</summary>
    internal const string RevisionHeader = "Sync-Revision";

    private const string UserQuery = "user";

    private readonly ApiCors cors;
    private readonly AuthenticatedEndpoint endpoint;
    private readonly ProjectAdministration administration;
    private readonly ProjectCollection collection;
    private readonly ProjectArchives archives;
    private readonly ApiLimiter limiter;

    /// <summary>Creates the endpoint.</summary>
    /// <param name="cors">The pages that may call.</param>
    /// <param name="users">Authenticates requests.</param>
    /// <param name="limiter">The rates and quotas of a user.</param>
    /// <param name="administration">Manages projects.</param>
    /// <param name="catalog">Lists projects.</param>
    /// <param name="archives">Manages archives and uploads.</param>
    /// <param name="options">The administrators of the deployment.</param>
    public ProjectsEndpoint(
        ApiCors cors,
        IUserAuthenticator users,
        ApiLimiter limiter,
        ProjectAdministration administration,
        ProjectCatalog catalog,
        ArchiveAdministration archives,
        ProjectApiOptions options
    )
    {
        ArgumentNullException.ThrowIfNull(administration);
        ArgumentNullException.ThrowIfNull(options);
        this.cors = cors;
        endpoint = new AuthenticatedEndpoint(users, limiter);
        this.limiter = limiter;
        this.administration = administration;
        collection = new ProjectCollection(limiter, administration, catalog, options);
        this.archives = new ProjectArchives(archives, administration.Loading);
    }

    /// <summary>Handles a request to <c>/api/projects</c> or below.</summary>
    public Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return cors.ServeAsync(context, AuthenticateAsync);
    }

    private Task AuthenticateAsync(HttpContext context)
    {
        // Not from the route values: hosts differ in what they put there for an empty rest.
        var parts = ProjectAddress.Split(context);
        return endpoint.ServeAsync(
            context,
            user =>
                parts is null
                    ? Task.FromResult(ProblemResults.Bad("A path must not contain . or .. as a segment."))
                    : ServeAsync(new ApiRequest(context, user, context.RequestAborted), parts)
        );
    }

    /// <summary>
    /// Charges requests that read a whole project, and in storage those that change something, before any work is done. The
    /// creation of a project is charged later, once its id and name are known to be usable.
    /// </summary>
    private async Task<IResult> ServeAsync(ApiRequest request, string[] parts)
    {
        var verdict = ReadsAll(request, parts) ? limiter.TakeExport(request.User) : LimitVerdict.Admitted;
        if (verdict is not LimitVerdict.Refused && !request.Is(HttpMethods.Get) && !request.Is(HttpMethods.Head) && parts.Length > 0)
        {
            verdict = await limiter.TakeWriteAsync(request.User, request.Aborted);
        }

        return verdict is LimitVerdict.Refused refused ? ProblemResults.TooMany(request.Context, refused) : await DispatchAsync(request, parts);
    }

    /// <summary>Whether the request reads a project's whole dataset or history.</summary>
    private static bool ReadsAll(ApiRequest request, string[] parts) =>
        request.Is(HttpMethods.Get)
            ? parts is [_, "dataset" or "revisions"] or [_, "archives", _, "parts", _]
            : request.Is(HttpMethods.Post) && parts is [_, "archives", ..];

    private Task<IResult> DispatchAsync(ApiRequest request, string[] parts)
    {
        if (parts is not [var text, ..])
        {
            return collection.ServeAsync(request);
        }

        var reason = ProjectAddress.ReadId(text, out var project);
        reason = ProjectAddress.RefuseHalfDecoded(text, "id", "write the id in quotes with \\u002f for the slash") ?? reason;
        return reason is not null
            ? Task.FromResult(ProblemResults.Bad(reason))
            : parts[1..] switch
            {
                [] => ServeProjectAsync(request, project),
                ["dataset"] => ServeDatasetAsync(request, project),
                ["revisions"] => ServeRevisionsAsync(request, project),
                ["restore"] => ServeRestoreAsync(request, project),
                ["archives", .. var rest] => archives.ServeArchivesAsync(request, project, rest),
                ["uploads", .. var rest] => archives.ServeUploadsAsync(request, project, rest),
                ["access"] when request.Context.Request.Query.ContainsKey(UserQuery) => ServeGrantAsync(
                    request,
                    project,
                    request.Context.Request.Query[UserQuery].ToString()
                ),
                ["access"] => ServeAccessAsync(request, project),
                ["access", var name] when ProjectAddress.RefuseHalfDecoded(name, "user", $"use access?{UserQuery}=NAME") is { } lost =>
                    Task.FromResult(ProblemResults.Bad(lost)),
                ["access", var name] => ServeGrantAsync(request, project, name),
                _ => Task.FromResult(ProblemResults.NothingHere()),
            };
    }

    private async Task<IResult> ServeProjectAsync(ApiRequest request, ProjectId project) =>
        request.Is(HttpMethods.Delete)
            ? AdministrationAnswers.Translate(await administration.DeleteAsync(request.User, project, request.Aborted))
            : ProblemResults.MethodNotAllowed(request.Context, HttpMethods.Delete);

    private async Task<IResult> ServeDatasetAsync(ApiRequest request, ProjectId project)
    {
        if (!request.Is(HttpMethods.Get))
        {
            return ProblemResults.MethodNotAllowed(request.Context, HttpMethods.Get);
        }

        if (!QueryNumber.TryRead(request, "revision", RevisionMin, out var revision))
        {
            return QueryNumber.OutOfRange("revision", RevisionMin);
        }

        var result = revision is { } past
            ? await administration.ExportAsync(request.User, project, past, request.Aborted)
            : await administration.ExportAsync(request.User, project, request.Aborted);
        if (result is not AdministrationResult.Exported exported)
        {
            return AdministrationAnswers.Translate(result);
        }

        request.Context.Response.RegisterForDispose(exported.Held);
        request.Context.Response.Headers[RevisionHeader] = exported.Revision.ToString(CultureInfo.InvariantCulture);
        return Results.Bytes(exported.Dataset, "application/json");
    }
}
