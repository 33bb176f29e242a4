using System.Globalization;
using Microsoft.AspNetCore.Http;
using ServerlessSync.Core.History;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;

namespace ServerlessSync.Api.Http;

/// <content>A project's past.</content>
public sealed partial class ProjectsEndpoint
{
    /// <summary>Revisions of a page when nobody says how many: a screenful.</summary>
    private const int PageDefault = 50;

    /// <summary>What a project begins with has a number too.</summary>
    private const long RevisionMin = 0;

    private async Task<IResult> ServeRevisionsAsync(ApiRequest request, ProjectId project)
    {
        if (!request.Is(HttpMethods.Get))
        {
            return ProblemResults.MethodNotAllowed(request.Context, HttpMethods.Get);
        }

        if (!TryReadQuery(request, "before", minimum: 1, out var before))
        {
            return BadRevision("before", minimum: 1);
        }

        if (!TryReadQuery(request, "limit", minimum: 1, out var limit) || limit > ProjectAdministration.RevisionsPageMax)
        {
            return ProblemResults.Problem(StatusCodes.Status400BadRequest, $"limit: 1 to {ProjectAdministration.RevisionsPageMax}");
        }

        var result = await administration.ListRevisionsAsync(request.User, project, before, (int)(limit ?? PageDefault), request.Aborted);
        return result is AdministrationResult.Revisions { Page: var page } ? Results.Json(Show(page)) : Translate(result);
    }

    private async Task<IResult> ServeRestoreAsync(ApiRequest request, ProjectId project)
    {
        if (!request.Is(HttpMethods.Post))
        {
            return ProblemResults.MethodNotAllowed(request.Context, HttpMethods.Post);
        }

        var (body, problem) = await JsonBody.ReadAsync(request.Context.Request, request.Aborted);
        if (body is null)
        {
            return problem!;
        }

        if (body.Number("revision") is not { } revision || revision < RevisionMin)
        {
            return BadRevision("revision", RevisionMin);
        }

        var result = await administration.RestoreAsync(request.User, project, revision, request.Aborted);
        return result is AdministrationResult.Restored restored ? Results.Json(new { revision = restored.Revision }) : Translate(result);
    }

    private static object Show(RevisionPage page) =>
        new
        {
            first = page.First,
            last = page.Last,
            before = page.Revisions is [.., var oldest] && oldest.Revision > page.First ? oldest.Revision : (long?)null,
            revisions = page.Revisions.Select(static revision => new
            {
                revision = revision.Revision,
                kind = Name(revision.Kind),
                user = revision.User,
                time = revision.Time,
                restored = revision.Restored,
                changes = revision.Stores.ToDictionary(
                    static store => store.Store,
                    static store => new { added = store.Added, updated = store.Updated, removed = store.Removed },
                    StringComparer.Ordinal
                ),
                project = revision.ProjectFields,
            }),
        };

    /// <summary>A number from the query, null when it is not there. False when it is there and is no such number.</summary>
    private static bool TryReadQuery(ApiRequest request, string name, long minimum, out long? number)
    {
        number = null;
        if (!request.Context.Request.Query.TryGetValue(name, out var text))
        {
            return true;
        }

        if (!long.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var read) || read < minimum)
        {
            return false;
        }

        number = read;
        return true;
    }

    private static IResult BadRevision(string field, long minimum) =>
        ProblemResults.Problem(
            StatusCodes.Status400BadRequest,
            string.Create(CultureInfo.InvariantCulture, $"{field}: a whole number from {minimum} on")
        );

    private static string Name(EntryKind kind) =>
        kind switch
        {
            EntryKind.Change => "change",
            EntryKind.Reset => "reset",
            EntryKind.Restore => "restore",
            _ => "unknown",
        };
}
