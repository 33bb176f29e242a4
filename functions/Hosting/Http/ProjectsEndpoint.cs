using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ServerlessSync.Core.Access;
using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Identity;
using ServerlessSync.Core.Projects;
using ServerlessSync.Hosting.Users;

namespace ServerlessSync.Hosting.Http;

/// <summary>
/// <c>/api/projects</c>: what people do with whole projects. Errors are problem details; a project that the user may not see is 404.
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
/// <item><c>POST /ID/archives</c>: begins an archive, for owners and administrators. 201
/// <c>{"archive","revision","parts","complete","digest","expires"}</c>, or 202 when it is to be gone on with by <c>POST /ID/archives/NAME</c>.
/// <c>GET</c> and <c>DELETE</c> of it; <c>GET /ID/archives/NAME/parts/N</c> for N from 1 to <c>parts</c>, each at most
/// <see cref="ArchiveLimits.PartBytesMax"/> bytes of <see cref="ArchiveMediaType"/>. 404, 409, 503.</item>
/// <item><c>POST /ID/uploads</c>: begins an upload, for administrators. 201 as above. <c>PUT /ID/uploads/NAME/parts/N</c> with a part: 204, in any
/// order and as often as needed; 400 names what is wrong with it. <c>POST /ID/uploads/NAME/restore</c>
/// <c>{"replace":false,"access":false,"name":null,"digest":null}</c>, all optional: 202 when it is to be sent again, 200 <c>{"revision"}</c>, the
/// number at which the project goes on. 400 names the part; 409 when the project is there and <c>replace</c> is not true.</item>
/// </list>
/// An id in a path is a number when it reads as one (<c>7</c>), else text; a text that reads as a number stands in quotes (<c>%227%22</c>).
/// </remarks>
public sealed partial class ProjectsEndpoint
{
    private const string Everybody = "*";

    private readonly Gatekeeper gatekeeper;
    private readonly ProjectOffice office;
    private readonly ProjectCatalog catalog;
    private readonly ArchiveOffice archives;

    /// <summary>Makes the endpoint.</summary>
    /// <param name="users">Who makes a request; null when nobody can sign in.</param>
    /// <param name="office">Does what is asked.</param>
    /// <param name="catalog">Lists projects.</param>
    /// <param name="archives">Does what is asked of archives.</param>
    public ProjectsEndpoint(IUserAuthenticator? users, ProjectOffice office, ProjectCatalog catalog, ArchiveOffice archives)
    {
        gatekeeper = new Gatekeeper(users);
        this.office = office;
        this.catalog = catalog;
        this.archives = archives;
    }

    /// <summary>Handles a request to <c>/api/projects</c> or below.</summary>
    public Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);

        // Not from the route's values: hosts differ in what they leave there for an empty rest.
        var path = context.Request.Path.Value ?? string.Empty;
        var below = path[Math.Min(path.Length, ApiRoutes.ProjectsPath.Length)..];
        var parts = below.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return gatekeeper.ServeAsync(context, user => DispatchAsync(context, user, parts));
    }

    private Task<IResult> DispatchAsync(HttpContext context, string user, string[] parts)
    {
        var request = new ApiRequest(context, user, context.RequestAborted);
        return parts switch
        {
            [] => ServeCollectionAsync(request),
            [var id, ..] when ReadId(id) is not { } => Task.FromResult(
                Answers.Problem(StatusCodes.Status400BadRequest, $"id: 1 to {JsonId.LengthMax} characters, no control characters")
            ),
            [var id] => ServeProjectAsync(request, ReadId(id)!.Value),
            [var id, "dataset"] => ServeDatasetAsync(request, ReadId(id)!.Value),
            [var id, "revisions"] => ServeRevisionsAsync(request, ReadId(id)!.Value),
            [var id, "restore"] => ServeRestoreAsync(request, ReadId(id)!.Value),
            [var id, "archives", .. var rest] => ServeArchivesAsync(request, ReadId(id)!.Value, rest),
            [var id, "uploads", .. var rest] => ServeUploadsAsync(request, ReadId(id)!.Value, rest),
            [var id, "access"] => ServeAccessAsync(request, ReadId(id)!.Value),
            [var id, "access", var name] => ServeGrantAsync(request, ReadId(id)!.Value, name),
            _ => Task.FromResult(Answers.Problem(StatusCodes.Status404NotFound, "There is nothing at this address.")),
        };
    }

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

        if (await Answers.ReadAsync(request.Context.Request, ApiLimits.DatasetBytesMax, request.Aborted) is not { } dataset)
        {
            return Answers.TooLarge(ApiLimits.DatasetBytesMax);
        }

        var result = await office.CreateAsync(request.User, id?.Id, query["name"].ToString(), dataset, request.Aborted);
        return result is OfficeResult.Created created
            ? Results.Json(new { id = ToElement(created.Project) }, statusCode: StatusCodes.Status201Created)
            : Translate(result);
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

        if (await Answers.ReadAsync(request.Context.Request, ApiLimits.SmallBytesMax, request.Aborted) is not { } body)
        {
            return Answers.TooLarge(ApiLimits.SmallBytesMax);
        }

        return ReadRole(body) is { } role
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

    private static Role? ReadRole(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var role = document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("role", out var value)
                ? value.ToString()
                : null;
            return role switch
            {
                "viewer" => Role.Viewer,
                "editor" => Role.Editor,
                "owner" => Role.Owner,
                _ => null,
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

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
