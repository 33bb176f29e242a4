using System.Globalization;
using Microsoft.AspNetCore.Http;
using ServerlessSync.Core.History;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;

namespace ServerlessSync.Api.Http;

/// <content>A project's history.</content>
public sealed partial class ProjectsEndpoint
{
    /// <summary>Revisions on a page when the request does not say how many: a screenful.</summary>
    private const int PageDefault = 50;

    /// <summary>The project's first dataset is revision 0.</summary>
    private const long RevisionMin = 0;

    private async Task<IResult> ServeRevisionsAsync(ApiRequest request, ProjectId project)
    {
        if (!request.Is(HttpMethods.Get))
        {
            return ProblemResults.MethodNotAllowed(request.Context, HttpMethods.Get);
        }

        if (!QueryNumber.TryRead(request, "before", minimum: 1, out var before))
        {
            return QueryNumber.OutOfRange("before", minimum: 1);
        }

        if (!QueryNumber.TryRead(request, "limit", minimum: 1, out var limit) || limit > ProjectAdministration.RevisionsPageMax)
        {
            return ProblemResults.Bad($"limit: 1 to {ProjectAdministration.RevisionsPageMax}");
        }

        var result = await administration.ListRevisionsAsync(request.User, project, before, (int)(limit ?? PageDefault), request.Aborted);
        return result is AdministrationResult.Revisions { Page: var page } ? Results.Json(Show(page)) : AdministrationAnswers.Translate(result);
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
            return QueryNumber.OutOfRange("revision", RevisionMin);
        }

        var result = await administration.RestoreAsync(request.User, project, revision, request.Aborted);
        return result is AdministrationResult.Restored restored ? Results.Json(new { revision = restored.Revision }) : AdministrationAnswers.Translate(result);
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

    private static string Name(EntryKind kind) =>
        kind switch
        {
            EntryKind.Change => "change",
            EntryKind.Reset => "reset",
            EntryKind.Restore => "restore",
            _ => "unknown",
        };
}
