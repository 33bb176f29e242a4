using Microsoft.AspNetCore.Http;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;

namespace ServerlessSync.Api.Http;

/// <content>Access lists.</content>
public sealed partial class ProjectsEndpoint
{
    private const string EveryoneName = "*";

    private async Task<IResult> ServeAccessAsync(ApiRequest request, ProjectId project)
    {
        if (!request.Is(HttpMethods.Get))
        {
            return ProblemResults.MethodNotAllowed(request.Context, HttpMethods.Get);
        }

        var result = await administration.ReadAccessAsync(request.User, project, request.Aborted);
        return result is AdministrationResult.Access access
            ? Results.Json(
                new
                {
                    everybody = Name(access.List.Everyone),
                    users = access.List.Users.ToDictionary(static grant => grant.Key, static grant => Name(grant.Value), StringComparer.Ordinal),
                }
            )
            : AdministrationAnswers.Translate(result);
    }

    private async Task<IResult> ServeGrantAsync(ApiRequest request, ProjectId project, string name)
    {
        var grantee = string.Equals(name, EveryoneName, StringComparison.Ordinal) ? null : name;
        if (request.Is(HttpMethods.Delete))
        {
            return AdministrationAnswers.Translate(await administration.GrantAsync(request.User, project, grantee, Role.None, request.Aborted));
        }

        if (!request.Is(HttpMethods.Put))
        {
            return ProblemResults.MethodNotAllowed(request.Context, "PUT, DELETE");
        }

        var (body, problem) = await JsonBody.ReadAsync(request.Context.Request, request.Aborted);
        if (body is null)
        {
            return problem!;
        }

        return ReadRole(body.Text("role")) is { } role
            ? AdministrationAnswers.Translate(await administration.GrantAsync(request.User, project, grantee, role, request.Aborted))
            : ProblemResults.Bad("role: must be viewer, editor or owner");
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
}
