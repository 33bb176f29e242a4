using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ServerlessSync.Core.Access;
using ServerlessSync.Core.Identity;
using ServerlessSync.Core.Limits;
using ServerlessSync.Core.Projects;
using ServerlessSync.Hosting.Users;

namespace ServerlessSync.Hosting.Http;

/// <summary>
/// <c>/api/projects</c>: what people do with whole projects. Errors are problem details; a project that the user may not see is 404; who
/// asks too often, or makes too many projects, gets 429, with <c>Retry-After</c> where waiting helps.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item><c>GET /</c>: <c>{"projects":[{"id","name"}]}</c>, those the user may open.</item>
/// <item><c>POST /?name=NAME[&amp;id=ID]</c> with a dataset as body: 201 <c>{"id"}</c>; the user owns it. 400, 409, 413.</item>
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
/// <item><c>PUT /ID/access/NAME</c> <c>{"role":"viewer"|"editor"|"owner"}</c>; NAME <c>*</c> is everybody. 204 when it holds everywhere.</item>
/// <item><c>DELETE /ID/access/NAME</c>: takes the role away. 204.</item>
/// <item><c>DELETE /ID</c>: deletes the project for ever. 204.</item>
/// </list>
/// An id in a path is a number when it reads as one (<c>7</c>), else text; a text that reads as a number stands in quotes (<c>%227%22</c>).
/// </remarks>
public sealed partial class ProjectsEndpoint
{
    private const string Everybody = "*";

    private readonly Gatekeeper gatekeeper;
    private readonly ProjectOffice office;
    private readonly ProjectCatalog catalog;
    private readonly ApiLimiter limiter;

    /// <summary>Makes the endpoint.</summary>
    /// <param name="users">Who makes a request; null when nobody can sign in.</param>
    /// <param name="limiter">What a user may ask for.</param>
    /// <param name="office">Does what is asked.</param>
    /// <param name="catalog">Lists projects.</param>
    public ProjectsEndpoint(IUserAuthenticator? users, ApiLimiter limiter, ProjectOffice office, ProjectCatalog catalog)
    {
        gatekeeper = new Gatekeeper(users, limiter);
        this.limiter = limiter;
        this.office = office;
        this.catalog = catalog;
    }

    /// <summary>Handles a request to <c>/api/projects</c> or below.</summary>
    public Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);

        // Not from the route's values: hosts differ in what they leave there for an empty rest.
        var path = context.Request.Path.Value ?? string.Empty;
        var below = path[Math.Min(path.Length, ApiRoutes.ProjectsPath.Length)..];
        var parts = below.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return gatekeeper.ServeAsync(context, user => ServeAsync(new ApiRequest(context, user, context.RequestAborted), parts));
    }

    /// <summary>Counts what reads a whole project, and in storage what changes something, before any of it is looked at.</summary>
    private async Task<IResult> ServeAsync(ApiRequest request, string[] parts)
    {
        var verdict =
            request.Is(HttpMethods.Get) && parts is [_, "dataset" or "revisions"] ? limiter.TakeExport(request.User)
            : request.Is(HttpMethods.Get) || request.Is(HttpMethods.Head) ? LimitVerdict.Admitted
            : request.Is(HttpMethods.Post) && parts.Length == 0
                ? await limiter.TakeCreationAsync(
                    request.User,
                    Math.Min(request.Context.Request.ContentLength ?? ApiLimits.DatasetBytesMax, ApiLimits.DatasetBytesMax),
                    request.Aborted
                )
            : await limiter.TakeWriteAsync(request.User, request.Aborted);
        return verdict is LimitVerdict.Refused refused ? Answers.TooMany(request.Context, refused) : await DispatchAsync(request, parts);
    }

    private Task<IResult> DispatchAsync(ApiRequest request, string[] parts) =>
        parts switch
        {
            [] => ServeCollectionAsync(request),
            [var id, ..] when ReadId(id) is not { } => Task.FromResult(
                Answers.Problem(StatusCodes.Status400BadRequest, $"id: 1 to {JsonId.LengthMax} characters, no control characters")
            ),
            [var id] => ServeProjectAsync(request, ReadId(id)!.Value),
            [var id, "dataset"] => ServeDatasetAsync(request, ReadId(id)!.Value),
            [var id, "revisions"] => ServeRevisionsAsync(request, ReadId(id)!.Value),
            [var id, "restore"] => ServeRestoreAsync(request, ReadId(id)!.Value),
            [var id, "access"] => ServeAccessAsync(request, ReadId(id)!.Value),
            [var id, "access", var name] => ServeGrantAsync(request, ReadId(id)!.Value, name),
            _ => Task.FromResult(Answers.Problem(StatusCodes.Status404NotFound, "There is nothing at this address.")),
        };

    private async Task<IResult> ServeCollectionAsync(ApiRequest request)
    {
        if (request.Is(HttpMethods.Get))
        {
            var projects = await catalog.ListAsync(request.User, request.Aborted);
            return Results.Json(
                new { projects = projects.Select(static project => new { id = ToElement(project.Project), name = project.Name }) }
            );
        }

        return request.Is(HttpMethods.Post)
            ? await CreateAsync(request)
            : Answers.MethodNotAllowed(request.Context, "GET, POST");
    }

    private async Task<IResult> CreateAsync(ApiRequest request)
    {
        var query = request.Context.Request.Query;
        var asked = query["id"].ToString();
        var id = asked.Length > 0 ? ReadId(asked) : null;
        if (asked.Length > 0 && id is null)
        {
            return Answers.Problem(StatusCodes.Status400BadRequest, $"id: 1 to {JsonId.LengthMax} characters, no control characters");
        }

        // Of a body whose length is not told, the most that it can have.
        var length = Math.Min(request.Context.Request.ContentLength ?? ApiLimits.DatasetBytesMax, ApiLimits.DatasetBytesMax);
        using var held = office.Loading.Budget.TryOpenBody(length);
        if (held is null)
        {
            return Answers.Problem(StatusCodes.Status503ServiceUnavailable, "Too many files are on their way; try again.");
        }

        if (await Answers.ReadAsync(request.Context.Request, ApiLimits.DatasetBytesMax, request.Aborted) is not { } dataset)
        {
            return Answers.TooLarge(ApiLimits.DatasetBytesMax);
        }

        var result = await office.CreateAsync(request.User, id?.Id, query["name"].ToString(), dataset, request.Aborted);
        if (result is not OfficeResult.Created created)
        {
            return Translate(result);
        }

        await limiter.CountProjectAsync(request.User, created.Project, request.Aborted);
        return Results.Json(new { id = ToElement(created.Project) }, statusCode: StatusCodes.Status201Created);
    }

    private async Task<IResult> ServeProjectAsync(ApiRequest request, ProjectId project) =>
        request.Is(HttpMethods.Delete)
            ? Translate(await office.DeleteAsync(request.User, project, request.Aborted))
            : Answers.MethodNotAllowed(request.Context, HttpMethods.Delete);

    private async Task<IResult> ServeDatasetAsync(ApiRequest request, ProjectId project)
    {
        if (!request.Is(HttpMethods.Get))
        {
            return Answers.MethodNotAllowed(request.Context, HttpMethods.Get);
        }

        if (!TryReadQuery(request, "revision", RevisionMin, out var revision))
        {
            return BadRevision("revision", RevisionMin);
        }

        var result = revision is { } past
            ? await office.ExportAsync(request.User, project, past, request.Aborted)
            : await office.ExportAsync(request.User, project, request.Aborted);
        if (result is not OfficeResult.Exported exported)
        {
            return Translate(result);
        }

        request.Context.Response.RegisterForDispose(exported.Held);
        request.Context.Response.Headers["Sync-Revision"] = exported.Revision.ToString(CultureInfo.InvariantCulture);
        return Results.Bytes(exported.Dataset, "application/json");
    }

    private async Task<IResult> ServeAccessAsync(ApiRequest request, ProjectId project)
    {
        if (!request.Is(HttpMethods.Get))
        {
            return Answers.MethodNotAllowed(request.Context, HttpMethods.Get);
        }

        var result = await office.ReadAccessAsync(request.User, project, request.Aborted);
        return result is OfficeResult.Access access
            ? Results.Json(
                new
                {
                    everybody = Name(access.List.Everybody),
                    users = access.List.Users.ToDictionary(static grant => grant.Key, static grant => Name(grant.Value), StringComparer.Ordinal),
                }
            )
            : Translate(result);
    }

    private async Task<IResult> ServeGrantAsync(ApiRequest request, ProjectId project, string name)
    {
        var grantee = string.Equals(name, Everybody, StringComparison.Ordinal) ? null : name;
        if (request.Is(HttpMethods.Delete))
        {
            return Translate(await office.GrantAsync(request.User, project, grantee, Role.None, request.Aborted));
        }

        if (!request.Is(HttpMethods.Put))
        {
            return Answers.MethodNotAllowed(request.Context, "PUT, DELETE");
        }

        var (body, problem) = await JsonBody.ReadAsync(request.Context.Request, request.Aborted);
        if (body is null)
        {
            return problem!;
        }

        return ReadRole(body.Text("role")) is { } role
            ? Translate(await office.GrantAsync(request.User, project, grantee, role, request.Aborted))
            : Answers.Problem(StatusCodes.Status400BadRequest, "role: one of viewer, editor, owner");
    }

    private static IResult Translate(OfficeResult result) =>
        result switch
        {
            OfficeResult.Done => Results.NoContent(),
            OfficeResult.NotFound => Answers.NotFound(),
            OfficeResult.NotAllowed => Answers.Problem(StatusCodes.Status403Forbidden, "Only an owner of the project may do this."),
            OfficeResult.Exists => Answers.Problem(StatusCodes.Status409Conflict, "id: there is a project of this id, or was one"),
            OfficeResult.NotReached notReached => Answers.Problem(
                StatusCodes.Status404NotFound,
                string.Create(CultureInfo.InvariantCulture, $"revision: at most {notReached.Last}, the project's last one")
            ),
            OfficeResult.NotRetained notRetained => Answers.Problem(
                StatusCodes.Status410Gone,
                string.Create(CultureInfo.InvariantCulture, $"revision: at least {notRetained.First}; what was before is no longer kept")
            ),
            OfficeResult.Quarantined quarantined => Answers.Problem(StatusCodes.Status409Conflict, quarantined.Reason),
            OfficeResult.Refused refused => Answers.Problem(StatusCodes.Status400BadRequest, refused.Reason),
            OfficeResult.Unavailable unavailable => Answers.Problem(StatusCodes.Status503ServiceUnavailable, unavailable.Reason),
            _ => throw new InvalidOperationException("A result that this request cannot have."),
        };

    private static ProjectId? ReadId(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind is JsonValueKind.Number or JsonValueKind.String)
            {
                return JsonId.TryRead(document.RootElement, out var id) ? new ProjectId(id) : null;
            }
        }
        catch (JsonException)
        {
            // Plain text.
        }

        return JsonId.IsUsable(text) ? new ProjectId(JsonId.Of(text)) : null;
    }

    private static JsonElement ToElement(ProjectId project)
    {
        using var document = JsonDocument.Parse(project.Id.ToJson());
        return document.RootElement.Clone();
    }

    private static Role? ReadRole(string? name) =>
        name switch
        {
            "viewer" => Role.Viewer,
            "editor" => Role.Editor,
            "owner" => Role.Owner,
            _ => null,
        };

    private static string Name(Role role) =>
        role switch
        {
            Role.None => "none",
            Role.Viewer => "viewer",
            Role.Editor => "editor",
            Role.Owner => "owner",
            _ => throw new InvalidOperationException("An unknown role."),
        };

    private sealed record ApiRequest(HttpContext Context, string User, CancellationToken Aborted)
    {
        public bool Is(string method) => HttpMethods.Equals(Context.Request.Method, method);
    }
}
