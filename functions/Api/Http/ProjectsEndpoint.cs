using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ServerlessSync.Api.Users;
using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Limits;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;

namespace ServerlessSync.Api.Http;

/// <summary>
/// <c>/api/projects</c>: what people do with whole projects. Errors are problem details; a project that the user may not see is 404; who
/// asks too often, or makes too many projects, gets 429, with <c>Retry-After</c> where waiting helps.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item><c>GET /[?limit=1..200][&amp;after=AFTER]</c>: <c>{"projects":[{"id","name"}],"after"}</c>, those the user may open, own ones
/// first, 200 at a time unless told otherwise. <c>after</c> asks for the next page, null on the last one; a page can hold fewer than
/// asked for.</item>
/// <item><c>POST /?name=NAME[&amp;id=ID]</c> with a dataset as body: 201 <c>{"id"}</c>; the user owns it. 400, 413. To choose an id is for
/// administrators: 403 for others, whatever the id; 409 when it is taken, or was.</item>
/// <item><c>GET /ID/dataset</c>: the dataset as clients get it, its revision in the header <c>Sync-Revision</c>.</item>
/// <item><c>GET /ID/dataset?revision=N</c>: the dataset as it was at a revision, for owners. 400; 404 when the project has not come so far,
/// 410 when it is no longer retained (the detail names the last, or the first one there is); 409 when the log cannot be read.</item>
/// <item><c>GET /ID/revisions[?before=N][&amp;limit=1..200]</c>: who changed what, newest first, 50 at a time unless told otherwise, for
/// owners. <c>{"first","last","before","revisions":[{"revision","kind","user","time","restored","changes","project"}]}</c>: <c>first</c> and
/// <c>last</c> are the oldest revision in the log and the newest; <c>before</c> asks for the next page, null on the last one; <c>kind</c>
/// is <c>change</c>, <c>reset</c> or <c>restore</c>, and <c>restored</c> what the latter went back to; <c>changes</c> counts records,
/// <c>{STORE:{"added","updated","removed"}}</c>, and <c>project</c> the project's own fields that were set.</item>
/// <item><c>POST /ID/restore</c> <c>{"revision":N}</c>: back to what it was, for owners. 200 <c>{"revision"}</c>, the number that this itself
/// has; errors as for the dataset at a revision. Asked again it is done again, which changes nothing but the number.</item>
/// <item><c>GET /ID/access</c>: <c>{"everybody","users":{NAME:ROLE}}</c>, for owners.</item>
/// <item><c>PUT /ID/access/NAME</c> or <c>PUT /ID/access?user=NAME</c> <c>{"role":"viewer"|"editor"|"owner"}</c>; NAME <c>*</c> is
/// everybody. 204 when it holds everywhere. A name with a slash goes into the query: a path may lose it on the way.</item>
/// <item><c>DELETE /ID/access/NAME</c> or <c>DELETE /ID/access?user=NAME</c>: takes the role away. 204.</item>
/// <item><c>DELETE /ID</c>: deletes the project for ever. 204 when nothing of it is left; after any other answer it is done again, or by
/// the server itself.</item>
/// <item><c>POST /ID/archives</c>: begins an archive, for owners and administrators. 201
/// <c>{"archive","revision","parts","complete","digest","expires"}</c>, or 202 when it is to be gone on with by <c>POST /ID/archives/NAME</c>.
/// <c>GET</c> and <c>DELETE</c> of it; <c>GET /ID/archives/NAME/parts/N</c> for N from 1 to <c>parts</c>, each at most
/// <see cref="ArchiveLimits.PartBytesMax"/> bytes of <see cref="ArchiveMediaType"/>. 404, 409, 503.</item>
/// <item><c>POST /ID/uploads</c>: begins an upload, for administrators. 201 as above. <c>PUT /ID/uploads/NAME/parts/N</c> with a part: 204, in any
/// order and as often as needed; 400 names what is wrong with it. <c>POST /ID/uploads/NAME/restore</c>
/// <c>{"replace":false,"access":false,"name":null,"digest":null}</c>, all optional: 202 when it is to be sent again, 200 <c>{"revision"}</c>, the
/// number at which the project goes on. 400 names the part; 409 when the project is there and <c>replace</c> is not true.</item>
/// </list>
/// An id in a path or query is a number when it reads as one (<c>7</c>), else text; a text that reads as a number stands in quotes
/// (<c>%227%22</c>). Rights are checked before anything is read that costs more than they do.
/// </remarks>
public sealed partial class ProjectsEndpoint
{
    private const string UserQuery = "user";

    private readonly AuthenticatedEndpoint gatekeeper;
    private readonly ProjectAdministration administration;
    private readonly ProjectCatalog catalog;
    private readonly ArchiveAdministration archives;
    private readonly ApiLimiter limiter;
    private readonly ProjectApiOptions options;

    /// <summary>Makes the endpoint.</summary>
    /// <param name="users">Who makes a request; null when nobody can sign in.</param>
    /// <param name="limiter">What a user may ask for.</param>
    /// <param name="administration">Does what is asked.</param>
    /// <param name="catalog">Lists projects.</param>
    /// <param name="archives">Does what is asked of archives.</param>
    /// <param name="options">Who administers the deployment.</param>
    public ProjectsEndpoint(
        IUserAuthenticator? users,
        ApiLimiter limiter,
        ProjectAdministration administration,
        ProjectCatalog catalog,
        ArchiveAdministration archives,
        ProjectApiOptions options
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        gatekeeper = new AuthenticatedEndpoint(users, limiter);
        this.limiter = limiter;
        this.administration = administration;
        this.catalog = catalog;
        this.archives = archives;
        this.options = options;
    }

    /// <summary>Handles a request to <c>/api/projects</c> or below.</summary>
    public Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);

        // Not from the route's values: hosts differ in what they leave there for an empty rest.
        var parts = ProjectAddress.Split(context);
        return gatekeeper.ServeAsync(
            context,
            user =>
                parts is null
                    ? Task.FromResult(Bad("A path with . or .. as a part is not taken."))
                    : ServeAsync(new ApiRequest(context, user, context.RequestAborted), parts)
        );
    }

    /// <summary>
    /// Counts what reads a whole project, and in storage what changes something, before any of it is looked at. A new project is counted
    /// once its id and name are known to be usable.
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

    /// <summary>Whether it reads all that a project has, or had.</summary>
    private static bool ReadsAll(ApiRequest request, string[] parts) =>
        request.Is(HttpMethods.Get)
            ? parts is [_, "dataset" or "revisions"] or [_, "archives", _, "parts", _]
            : request.Is(HttpMethods.Post) && parts is [_, "archives", ..];

    private Task<IResult> DispatchAsync(ApiRequest request, string[] parts)
    {
        if (parts is not [var text, ..])
        {
            return ServeCollectionAsync(request);
        }

        var reason = ProjectAddress.ReadId(text, out var project);
        reason = ProjectAddress.RefuseHalfDecoded(text, "id", "write the id in quotes with \\u002f for the slash") ?? reason;
        return reason is not null
            ? Task.FromResult(Bad(reason))
            : parts[1..] switch
            {
                [] => ServeProjectAsync(request, project),
                ["dataset"] => ServeDatasetAsync(request, project),
                ["revisions"] => ServeRevisionsAsync(request, project),
                ["restore"] => ServeRestoreAsync(request, project),
                ["archives", .. var rest] => ServeArchivesAsync(request, project, rest),
                ["uploads", .. var rest] => ServeUploadsAsync(request, project, rest),
                ["access"] when request.Context.Request.Query.ContainsKey(UserQuery) => ServeGrantAsync(
                    request,
                    project,
                    request.Context.Request.Query[UserQuery].ToString()
                ),
                ["access"] => ServeAccessAsync(request, project),
                ["access", var name] when ProjectAddress.RefuseHalfDecoded(name, "user", $"use access?{UserQuery}=NAME") is { } lost =>
                    Task.FromResult(Bad(lost)),
                ["access", var name] => ServeGrantAsync(request, project, name),
                _ => Task.FromResult(ProblemResults.Problem(StatusCodes.Status404NotFound, "There is nothing at this address.")),
            };
    }

    private Task<IResult> ServeCollectionAsync(ApiRequest request) =>
        request.Is(HttpMethods.Get) ? ListAsync(request)
        : request.Is(HttpMethods.Post) ? CreateAsync(request)
        : Task.FromResult(ProblemResults.MethodNotAllowed(request.Context, "GET, POST"));

    private async Task<IResult> ListAsync(ApiRequest request)
    {
        if (!TryReadQuery(request, "limit", minimum: 1, out var limit) || limit > ProjectCatalog.PageMax)
        {
            return Bad($"limit: 1 to {ProjectCatalog.PageMax}");
        }

        var after = request.Context.Request.Query.TryGetValue("after", out var text) ? text.ToString() : null;
        return await catalog.ReadPageAsync(request.User, (int)(limit ?? ProjectCatalog.PageMax), after, request.Aborted) is { } page
            ? Results.Json(
                new
                {
                    projects = page.Projects.Select(static project => new { id = ToElement(project.Project), name = project.Name }),
                    after = page.After,
                }
            )
            : Bad("after: as the page before gave it");
    }

    /// <summary>Id, right and name come before the dataset, which may be large.</summary>
    private async Task<IResult> CreateAsync(ApiRequest request)
    {
        var query = request.Context.Request.Query;
        var name = query["name"].ToString();
        JsonId? id = null;
        if (query["id"].ToString() is { Length: > 0 } asked)
        {
            if (ProjectAddress.ReadId(asked, out var project) is { } reason)
            {
                return Bad(reason);
            }

            if (!options.IsAdministrator(request.User))
            {
                // Before any look-up, so that the answer tells nothing of the id.
                return ProblemResults.Problem(
                    StatusCodes.Status403Forbidden,
                    "id: only administrators may choose one; without it, the server makes it"
                );
            }

            id = project.Id;
        }

        var check = await administration.CheckNewAsync(request.User, id, name, request.Aborted);
        if (check is not AdministrationResult.Done)
        {
            return Translate(check);
        }

        var bytes = Math.Min(request.Context.Request.ContentLength ?? ApiLimits.DatasetBytesMax, ApiLimits.DatasetBytesMax);
        if (await limiter.TakeCreationAsync(request.User, bytes, request.Aborted) is LimitVerdict.Refused tooMany)
        {
            return ProblemResults.TooMany(request.Context, tooMany);
        }

        // Of a body whose length is not told, the most that it can have.
        var length = Math.Min(request.Context.Request.ContentLength ?? ApiLimits.DatasetBytesMax, ApiLimits.DatasetBytesMax);
        using var held = administration.Loading.Budget.TryOpenBody(length);
        if (held is null)
        {
            return ProblemResults.Problem(StatusCodes.Status503ServiceUnavailable, "Too many files are on their way; try again.");
        }

        if (await ProblemResults.ReadAsync(request.Context.Request, ApiLimits.DatasetBytesMax, request.Aborted) is not { } dataset)
        {
            return ProblemResults.TooLarge(ApiLimits.DatasetBytesMax);
        }

        var result = await administration.CreateAsync(request.User, id, name, dataset, request.Aborted);
        if (result is not AdministrationResult.Created created)
        {
            return Translate(result);
        }

        await limiter.CountProjectAsync(request.User, created.Project, request.Aborted);
        return Results.Json(new { id = ToElement(created.Project) }, statusCode: StatusCodes.Status201Created);
    }

    private async Task<IResult> ServeProjectAsync(ApiRequest request, ProjectId project) =>
        request.Is(HttpMethods.Delete)
            ? Translate(await administration.DeleteAsync(request.User, project, request.Aborted))
            : ProblemResults.MethodNotAllowed(request.Context, HttpMethods.Delete);

    private async Task<IResult> ServeDatasetAsync(ApiRequest request, ProjectId project)
    {
        if (!request.Is(HttpMethods.Get))
        {
            return ProblemResults.MethodNotAllowed(request.Context, HttpMethods.Get);
        }

        if (!TryReadQuery(request, "revision", RevisionMin, out var revision))
        {
            return BadRevision("revision", RevisionMin);
        }

        var result = revision is { } past
            ? await administration.ExportAsync(request.User, project, past, request.Aborted)
            : await administration.ExportAsync(request.User, project, request.Aborted);
        if (result is not AdministrationResult.Exported exported)
        {
            return Translate(result);
        }

        request.Context.Response.RegisterForDispose(exported.Held);
        request.Context.Response.Headers["Sync-Revision"] = exported.Revision.ToString(CultureInfo.InvariantCulture);
        return Results.Bytes(exported.Dataset, "application/json");
    }

    private static IResult Bad(string detail) => ProblemResults.Problem(StatusCodes.Status400BadRequest, detail);

    private static IResult Translate(AdministrationResult result) =>
        result switch
        {
            AdministrationResult.Done => Results.NoContent(),
            AdministrationResult.NotFound => ProblemResults.NotFound(),
            AdministrationResult.NotAllowed => ProblemResults.Problem(StatusCodes.Status403Forbidden, "Only an owner of the project may do this."),
            AdministrationResult.Exists => ProblemResults.Problem(StatusCodes.Status409Conflict, "id: there is a project of this id, or was one"),
            AdministrationResult.NotReached notReached => ProblemResults.Problem(
                StatusCodes.Status404NotFound,
                string.Create(CultureInfo.InvariantCulture, $"revision: at most {notReached.Last}, the project's last one")
            ),
            AdministrationResult.NotRetained notRetained => ProblemResults.Problem(
                StatusCodes.Status410Gone,
                string.Create(CultureInfo.InvariantCulture, $"revision: at least {notRetained.First}; what was before is no longer kept")
            ),
            AdministrationResult.Quarantined quarantined => ProblemResults.Problem(StatusCodes.Status409Conflict, quarantined.Reason),
            AdministrationResult.Refused refused => ProblemResults.Problem(StatusCodes.Status400BadRequest, refused.Reason),
            AdministrationResult.Unavailable unavailable => ProblemResults.Problem(StatusCodes.Status503ServiceUnavailable, unavailable.Reason),
            _ => throw new InvalidOperationException("A result that this request cannot have."),
        };

    private static JsonElement ToElement(ProjectId project)
    {
        using var document = JsonDocument.Parse(project.Id.ToJson());
        return document.RootElement.Clone();
    }

    private sealed record ApiRequest(HttpContext Context, string User, CancellationToken Aborted)
    {
        public bool Is(string method) => HttpMethods.Equals(Context.Request.Method, method);
    }
}
