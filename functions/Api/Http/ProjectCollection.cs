using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ServerlessSync.Core.Limits;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;

namespace ServerlessSync.Api.Http;

/// <summary><c>/api/projects</c> itself: lists the projects of a user and creates projects. <see cref="ProjectsEndpoint"/> documents both.</summary>
internal sealed class ProjectCollection(
    ApiLimiter limiter,
    ProjectAdministration administration,
    ProjectCatalog catalog,
    ProjectApiOptions options
)
{
    public Task<IResult> ServeAsync(ApiRequest request) =>
        request.Is(HttpMethods.Get) ? ListAsync(request)
        : request.Is(HttpMethods.Post) ? CreateAsync(request)
        : Task.FromResult(ProblemResults.MethodNotAllowed(request.Context, "GET, POST"));

    private async Task<IResult> ListAsync(ApiRequest request)
    {
        if (!QueryNumber.TryRead(request, "limit", minimum: 1, out var limit) || limit > ProjectCatalog.PageMax)
        {
            return ProblemResults.Bad($"limit: 1 to {ProjectCatalog.PageMax}");
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
            : ProblemResults.Bad("after: must be the value that the previous page returned");
    }

    /// <summary>Checks id, rights and name before the dataset is read, which may be large.</summary>
    private async Task<IResult> CreateAsync(ApiRequest request)
    {
        var query = request.Context.Request.Query;
        var name = query["name"].ToString();
        JsonId? id = null;
        if (query["id"].ToString() is { Length: > 0 } asked)
        {
            if (ProjectAddress.ReadId(asked, out var project) is { } reason)
            {
                return ProblemResults.Bad(reason);
            }

            if (!options.IsAdministrator(request.User))
            {
                // Before any look-up, so that the answer reveals nothing about the id.
                return ProblemResults.Problem(
                    StatusCodes.Status403Forbidden,
                    "id: only administrators may choose one; leave it out to get a generated id"
                );
            }

            id = project.Id;
        }

        var check = await administration.CheckNewAsync(request.User, id, name, request.Aborted);
        if (check is not AdministrationResult.Done)
        {
            return AdministrationAnswers.Translate(check);
        }

        // A body of undeclared length is charged at the limit.
        var length = Math.Min(request.Context.Request.ContentLength ?? ApiLimits.DatasetBytesMax, ApiLimits.DatasetBytesMax);
        if (await limiter.TakeCreationAsync(request.User, length, request.Aborted) is LimitVerdict.Refused tooMany)
        {
            return ProblemResults.TooMany(request.Context, tooMany);
        }

        using var held = administration.Loading.Budget.TryOpenBody(length);
        if (held is null)
        {
            return ProblemResults.Problem(StatusCodes.Status503ServiceUnavailable, "Too many files are being transferred; try again.");
        }

        if (await ProblemResults.ReadAsync(request.Context.Request, ApiLimits.DatasetBytesMax, request.Aborted) is not { } dataset)
        {
            return ProblemResults.TooLarge(ApiLimits.DatasetBytesMax);
        }

        var result = await administration.CreateAsync(request.User, id, name, dataset, request.Aborted);
        if (result is not AdministrationResult.Created created)
        {
            return AdministrationAnswers.Translate(result);
        }

        await limiter.CountProjectAsync(request.User, created.Project, request.Aborted);
        return Results.Json(new { id = ToElement(created.Project) }, statusCode: StatusCodes.Status201Created);
    }

    private static JsonElement ToElement(ProjectId project)
    {
        using var document = JsonDocument.Parse(project.Id.ToJson());
        return document.RootElement.Clone();
    }
}
